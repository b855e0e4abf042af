/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values of options: from text to what the structs hold.
 *
 * Each function fits option_read_fn; the type that `field` points to stands beside it.
 */
#pragma once

#include "options.h"

option_read_fn read_text;    /* const char * */
option_read_fn read_bool;    /* bool: yes/no, true/false, on/off, 1/0 */
option_read_fn read_number;  /* uint32_t, in the option's min and max */
option_read_fn read_seconds; /* uint32_t, milliseconds, in the option's min and max */
option_read_fn read_list; /* struct sip_config_list, by commas; the later line replaces */
option_read_fn read_path; /* const char *, from the configuration's folder */
option_read_fn read_domains;    /* struct sip_config_list; each line adds */
option_read_fn read_domain;     /* const char *, a host's name or address */
option_read_fn read_origins;    /* struct sip_config_list of RFC 6454's; each line adds */
option_read_fn read_contact;    /* struct sip_config_list of sip: URIs; each line adds */
option_read_fn read_algorithms; /* struct sip_config_list: MD5, SHA-256, SHA-512-256 */
option_read_fn read_bind;       /* struct sip_addr */
option_read_fn read_address;    /* struct sip_addr, without a port */
option_read_fn read_local_net;  /* struct sip_transport_section; each line adds */
option_read_fn read_tos;        /* uint32_t: an octet, by its names or as a number */
option_read_fn read_proxy_protocol_from; /* likewise */
option_read_fn read_permit;              /* struct sip_acl_config; each line adds */
option_read_fn read_deny;                /* likewise */
option_read_fn read_acl_names;           /* likewise */
option_read_fn read_tls_method;          /* enum sip_tls_method */
option_read_fn read_protocol;            /* enum sip_transport_kind */
option_read_fn read_match;               /* struct sip_identify_config; each line adds */
option_read_fn read_identify_by;         /* uint32_t, bits */
option_read_fn read_auth_type;           /* enum sip_auth_type */
option_read_fn read_md5_cred;            /* const char *, 32 hexadecimal digits */
option_read_fn read_password_digest;     /* struct sip_auth_config */
option_read_fn read_log_level;           /* enum sip_log_level */
option_read_fn read_authentication;      /* bool */
option_read_fn read_cores;               /* struct sip_system_config */

/* const char *: addresses of name servers by commas, each with its port. */
option_read_fn read_nameservers;

/* yes/no and its other spellings; false: none of them. */
bool text_is_bool(const char *text, bool *is);

/* A mistake in the value, at its place. */
void value_wrong(const struct value *value, const char *format, ...) SIP_PRINTF(2, 3);

/* `yse`: "did you mean `yes`?", or nothing.  `words` ends with NULL. */
const char *suggest(
	const struct value *value, struct sip_str word, const char *const *words);

/* Cut the next item off a list with commas, trimmed; empty ones are left out.  False:
 * none left. */
bool next_item(struct sip_str *list, struct sip_str *item);

/* `192.0.2.0/24` and its other spellings, the bits behind the prefix cleared; false, and
 * told: it is none. */
bool read_network(const struct value *value, struct sip_str text,
	struct sip_identify_match *network);

/* A copy in lower case (ASCII). */
const char *lower_copy(struct store *store, struct sip_str text);

/* Add one to a list that only grows through this function. */
void list_add(struct store *store, struct sip_config_list *list, const char *item);

/* A host's name: letters, digits, `-`, `.`, or an address. */
bool is_host(struct sip_str text);
