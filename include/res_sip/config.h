/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * The options of a server, as plain structs with their defaults.
 *
 * The program fills them from res_sip.conf; a program of your own from what it likes.
 * Strings are borrowed while sip_server_create() runs, and copied.  NULL is "not given".
 * The names are those of the options in the file.
 *
 * Threads: none of its own.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/flow.h"
#include "res_sip/str.h"

SIP_API_BEGIN

/** Where an option comes from, for messages. */
struct sip_config_source {
	const char *file; /* NULL: not from a file */
	uint32_t line;
};

/** A list of strings. */
struct sip_config_list {
	const char *const *item;
	size_t count;
};

/** A network, or one address. */
struct sip_identify_match {
	struct sip_addr network; /* port 0: any */
	uint8_t prefix_len;      /* bits */
};

/** One address or network of a permit= or deny= line. */
struct sip_acl_rule {
	struct sip_addr network;
	uint8_t prefix_len; /* bits */
	bool permit;        /* else deny */
	uint16_t file;      /* which of the list's files it stands in */
	uint32_t line;      /* 0: in none */
};

/**
 * Who may come, by address.
 *
 * Of the rules the last one that has the address decides; where none has, it may come.
 * Rules of IPv4 are about IPv4 addresses only, and so of IPv6.  Each list that `acl`
 * names has to let it come as well.
 */
struct sip_acl_config {
	const struct sip_acl_rule *rule;
	size_t rule_count;
	struct sip_config_list files;
	struct sip_config_list acl; /* names of struct sip_acl_section */
};

struct sip_acl_section { /* type=acl, or a section of acl.conf */
	const char *name;
	struct sip_config_source source;
	bool named_only; /* it holds only where acl= or contact_acl= names it; no: for all
			    requests */
	struct sip_acl_config
		source_acl; /* permit=, deny=, acl=: where requests come from */
	struct sip_acl_config contact_acl; /* contact_permit=, ...: Contact of REGISTER */
};

/** method=: the versions of TLS that are spoken. */
enum sip_tls_method { SIP_TLS_ANY, SIP_TLS_1_2, SIP_TLS_1_3 };

/** What a transport of tls or wss has beside the others.  NULL: not given. */
struct sip_tls_config {
	const char *cert_file;     /* PEM: its certificate, and those above it */
	const char *priv_key_file; /* PEM; NULL: it stands in cert_file */
	const char *password;      /* of the key */
	/* Whom it trusts, PEM; both NULL: whom the system trusts. */
	const char *ca_list_file;
	const char *ca_list_path; /* a folder; all files in it */
	const char *crl_file;     /* PEM: what they have revoked */
	const char *cipher;       /* names, with commas or colons; NULL: the library's */
	enum sip_tls_method method; /* any */
	bool verify_client;         /* no: nobody is asked for a certificate */
	bool require_client_cert;   /* no: who has none may come */
	bool verify_server;         /* no */
};

struct sip_transport_section { /* type=transport */
	const char *name;
	struct sip_config_source source;
	enum sip_transport_kind protocol; /* udp */
	struct sip_addr bind;             /* bind=; port 5060 where none is given */
	/* What peers outside of local_net are told instead of our own address:
	 * external_signaling_address= and external_signaling_port= (0: the port we
	 * listen on); AF_UNSPEC: our own. */
	struct sip_addr external_signaling;
	uint32_t external_signaling_port;
	const struct sip_identify_match *local_net;
	size_t local_net_count;
	/* proxy_protocol_from=: load balancers whose connections begin with a PROXY
	 * header, which says whose they are; of tcp, tls, ws and wss. */
	const struct sip_identify_match *proxy_protocol_from;
	size_t proxy_protocol_from_count;
	uint32_t tos; /* traffic class of what is sent, RFC 2474; 0 */
	uint32_t cos; /* the system's priority of it, from 0 to 7; 0 */
	bool udp_gso; /* no: each datagram leaves by itself */
	struct sip_config_list websocket_origin; /* `https://example.com`, `*`, `null` */
	struct sip_acl_config
		source_acl; /* permit=, deny=, acl=: requests that it receives */
	struct sip_tls_config tls;
};

/** auth_type=: a password, the MD5 hash of one, or whichever is given (`digest`, the
 * default): a password or hashes. */
enum sip_auth_type { SIP_AUTH_USERPASS, SIP_AUTH_MD5, SIP_AUTH_DIGEST };

struct sip_auth_config { /* type=auth */
	const char *name;
	struct sip_config_source source;
	enum sip_auth_type auth_type;
	const char *username;
	const char *password;   /* userpass, digest */
	const char *md5_cred;   /* hex of MD5(user:realm:password) */
	const char *sha256;     /* password_digest=SHA-256:hex */
	const char *sha512_256; /* password_digest=SHA-512-256:hex */
	const char *realm;      /* for which the hashes were made; NULL: default_realm */
};

struct sip_aor_config { /* type=aor */
	const char *name;
	struct sip_config_source source;
	struct sip_config_list contact; /* static contacts, URIs */
	uint32_t default_expiration;    /* s, 3600 */
	uint32_t minimum_expiration;    /* s, 60 */
	uint32_t maximum_expiration;    /* s, 7200 */
	uint32_t max_contacts;          /* 0: nobody may register */
	bool remove_existing;           /* no */
	bool support_path;              /* no */
	bool qualify_2xx_only;          /* no: any final answer is one */
	/* Every so many seconds each contact is asked (OPTIONS) whether it is there; 0:
	 * never. */
	uint32_t qualify_frequency;
	uint32_t qualify_timeout_ms; /* qualify_timeout=, 3000 */
};

/* Bits of identify_by=: what an endpoint may be known by. */
#define SIP_IDENTIFY_USERNAME      1u /**< From */
#define SIP_IDENTIFY_AUTH_USERNAME 2u /**< the username of Digest credentials */
#define SIP_IDENTIFY_IP            4u /**< the address that a request came from */
#define SIP_IDENTIFY_CERTIFICATE   8u /**< a name in the peer's verified certificate */

struct sip_endpoint_config { /* type=endpoint */
	const char *name;
	struct sip_config_source source;
	struct sip_config_list aors;
	struct sip_config_list auth;
	uint32_t identify_by;    /* username, ip, certificate */
	const char *from_user;   /* NULL: the endpoint's name */
	const char *from_domain; /* NULL: default_realm's domain, else our address */
	const char *transport;   /* NULL: any that fits */
	bool trust_id_inbound;   /* no */
	bool rewrite_contact;    /* yes */
	bool force_rport;        /* yes */
	struct sip_acl_config source_acl;  /* permit=, deny=, acl=: where it comes from */
	struct sip_acl_config contact_acl; /* contact_permit=, ...: what it registers */
};

struct sip_identify_config { /* type=identify */
	const char *name;
	struct sip_config_source source;
	const char *endpoint;
	const struct sip_identify_match *match;
	size_t match_count;
	/* match_certificate=: names of a peer's certificate, lower case. */
	struct sip_config_list match_certificate;
};

struct sip_domain_alias_config { /* type=domain_alias */
	const char *name;        /* the alias, lower case */
	struct sip_config_source source;
	const char *domain; /* what it is another name of, lower case */
};

struct sip_global_config { /* type=global */
	struct sip_config_source source;
	struct sip_config_list domain; /* served domains, lower case */
	const char *default_realm;     /* the first domain, else `res_sip` */
	struct sip_config_list endpoint_identifier_order; /* empty: load order */
	struct sip_config_list service_order; /* within a stage, by the names of the
						 services; empty: load order */
	struct sip_config_list
		default_auth_algorithms_uas; /* MD5, SHA-256, SHA-512-256; default MD5 */
	const char *default_outbound_endpoint;
	const char *emergency_endpoint;
	/* Numbers that lead there, beside urn:service:sos. */
	struct sip_config_list emergency_numbers;
	const char
		*user_agent; /* `res_sip/VERSION`; empty: no Server or User-Agent field */
	uint32_t max_forwards;          /* of requests we make, 70 */
	uint32_t max_call_s;            /* max_call=, 86400 */
	uint32_t nonce_lifetime_s;      /* nonce_lifetime=, 300 */
	uint32_t keep_alive_interval_s; /* keep_alive_interval=, of connections, 90; 0:
					   none */
	/* A source waits that fails to log in so often in so long; each wait is twice the
	 * one before. */
	uint32_t failed_logins;           /* 5, at most 16; 0: nobody waits */
	uint32_t failed_login_period_s;   /* failed_login_period=, 10 */
	uint32_t failed_login_wait_s;     /* failed_login_wait=, 10 */
	uint32_t failed_login_max_wait_s; /* failed_login_max_wait=, 300 */
	bool authentication;              /* authentication=none: false */
	/* Name servers, as `192.0.2.53`, `[2001:db8::53]:5353`, with commas between;
	 * NULL: the system's. */
	const char *nameservers;
	const char *key_file;      /* where the Record-Route key is kept; NULL: nowhere */
	const char *config_folder; /* of res_sip.conf, for files that modules have beside
				      it; NULL: there is none */
	/* Of a message: 64 KiB, 256 fields, 64 KiB. */
	uint32_t max_header_bytes;
	uint32_t max_headers;
	uint32_t max_body_bytes;
};

struct sip_system_config { /* type=system */
	struct sip_config_source source;
	uint32_t servants;     /* 0: the cores this process may use */
	uint32_t servants_max; /* spares, 64 */
	uint32_t timer_t1_ms;  /* timer_t1=, 500 */
	uint32_t timer_t2_ms;  /* timer_t2=, 4000 */
	uint32_t timer_t4_ms;  /* timer_t4=, 5000 */
	uint32_t timer_b_ms;   /* timer_b=, 64 * T1 */
	uint32_t timer_c_ms;   /* timer_c=, 180000 */
	/* How long requests that begin something may wait for their turn, ms. */
	uint32_t max_wait_emergency_ms; /* max_wait_emergency=, 450 */
	uint32_t max_wait_options_ms;   /* max_wait_options=, 400 */
	uint32_t max_wait_known_ms;     /* max_wait_known=, 350 */
	uint32_t max_wait_invite_ms;    /* max_wait_invite=, 300 */
	uint32_t max_wait_register_ms;  /* max_wait_register=, 250 */
	uint32_t max_wait_other_ms;     /* max_wait_other=, 200 */
	uint32_t max_refusals; /* answers 503 in a second, for each servant; 8000 */
	uint32_t max_received_memory_mib; /* max_received_memory=, 1024; 0: no maximum */
	/* Connections; times in ms.  What each is: docs/transports.md */
	uint32_t max_connections;            /* 0: no maximum */
	uint32_t max_connections_per_source; /* 256; 0: no maximum */
	uint32_t max_handshakes_per_source;  /* of TLS, 128; 0: no maximum */
	uint32_t connect_timeout_ms;         /* connect_timeout=, 4000 */
	uint32_t first_message_timeout_ms;   /* first_message_timeout=, 30000; 0: none */
	uint32_t message_timeout_ms;         /* message_timeout=, 20000; 0: none */
	uint32_t write_timeout_ms;           /* write_timeout=, 10000; 0: none */
	uint32_t idle_timeout_ms;            /* idle_timeout=, 7500000; 0: none */
	uint32_t websocket_ping_ms;          /* websocket_ping=, 30000; 0: none */
	uint32_t max_unsent_kib;             /* max_unsent=, KiB, 256; 0: no maximum */
	/* Names (RFC 3263): docs/resolving.md */
	uint32_t
		target_timeout_ms; /* target_timeout=, 4000: then the next one is tried */
	uint32_t max_lookups;      /* that wait, 1000 */
	uint32_t max_lookups_per_source; /* for requests of one source, in a second, 50;
					    0: no maximum */
	bool disable_tcp_switch; /* yes: what is too long for UDP goes by it nevertheless
				  */
	uint32_t max_transactions; /* 0: no maximum */
	uint32_t max_contacts;     /* 0: no maximum */
	const int *pin_cores;      /* NULL: not pinned; a core for each servant */
};

/** A whole configuration: each section of res_sip.conf is one struct. */
struct sip_config {
	struct sip_global_config global;
	struct sip_system_config system;
	const struct sip_transport_section *transport;
	size_t transport_count;
	const struct sip_endpoint_config *endpoint;
	size_t endpoint_count;
	const struct sip_aor_config *aor;
	size_t aor_count;
	const struct sip_auth_config *auth;
	size_t auth_count;
	const struct sip_identify_config *identify;
	size_t identify_count;
	const struct sip_acl_section *acl;
	size_t acl_count;
	const struct sip_domain_alias_config *domain_alias;
	size_t domain_alias_count;
};

/** Fill in the defaults named above, of `[global]` and `[system]`; no other section. */
void sip_config_init(struct sip_config *config);
/** The same for an endpoint; its name is NULL. */
void sip_endpoint_config_init(struct sip_endpoint_config *endpoint);
/** And for an AOR. */
void sip_aor_config_init(struct sip_aor_config *aor);
/** And for an auth section. */
void sip_auth_config_init(struct sip_auth_config *auth);
/** And for a transport. */
void sip_transport_section_init(struct sip_transport_section *transport);

/** What is wrong with the options of TLS. */
struct sip_tls_problem {
	const char *option; /* static: `cert_file` */
	char text[240];
};

/** Read the files, as opening the transport does.  0 and when the first of its own
 * certificates ends, in seconds of the wall clock; SIP_EINVALID and *problem;
 * SIP_EMEMORY. It waits for the disk. */
SIP_MUST_USE int sip_tls_config_check(const struct sip_tls_config *config,
	int64_t *expires_s, struct sip_tls_problem *problem);

SIP_API_END
