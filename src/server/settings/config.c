/* SPDX-License-Identifier: BSD-2-Clause */
/* The defaults of the options: res_sip/config.h. */
#include "res_sip/config.h"

#include "res_sip/server.h"

void sip_config_init(struct sip_config *config)
{
	*config = (struct sip_config){
		.global = {
			.user_agent = "res_sip/" SIP_VERSION,
			.max_forwards = 70,
			.max_call_s = 24 * 3600,
			.nonce_lifetime_s = 300,
			.keep_alive_interval_s = 90,
			.failed_logins = 5,
			.failed_login_period_s = 10,
			.failed_login_wait_s = 10,
			.failed_login_max_wait_s = 300,
			.authentication = true,
			.max_header_bytes = 65535,
			.max_headers = 256,
			.max_body_bytes = 65535,
		},
		.system = {
			.servants_max = 64,
			.timer_t1_ms = 500,
			.timer_t2_ms = 4000,
			.timer_t4_ms = 5000,
			.timer_b_ms = 32000,
			.timer_c_ms = 180000,
			.max_wait_emergency_ms = 450,
			.max_wait_options_ms = 400,
			.max_wait_known_ms = 350,
			.max_wait_invite_ms = 300,
			.max_wait_register_ms = 250,
			.max_wait_other_ms = 200,
			.max_refusals = 8000,
			.max_received_memory_mib = 1024,
			.max_connections_per_source = 256,
			.max_handshakes_per_source = 128,
			.connect_timeout_ms = 4000,
			.first_message_timeout_ms = 30000,
			.message_timeout_ms = 20000,
			.write_timeout_ms = 10000,
			.idle_timeout_ms = 7500000,
			.websocket_ping_ms = 30000,
			.max_unsent_kib = 256,
			.target_timeout_ms = 4000,
			.max_lookups = 1000,
			.max_lookups_per_source = 50,
			.disable_tcp_switch = true,
		},
	};
}

void sip_endpoint_config_init(struct sip_endpoint_config *endpoint)
{
	*endpoint = (struct sip_endpoint_config){
		.identify_by = SIP_IDENTIFY_USERNAME | SIP_IDENTIFY_IP |
			SIP_IDENTIFY_CERTIFICATE,
		.rewrite_contact = true,
		.force_rport = true,
	};
}

void sip_aor_config_init(struct sip_aor_config *aor)
{
	*aor = (struct sip_aor_config){
		.default_expiration = 3600,
		.minimum_expiration = 60,
		.maximum_expiration = 7200,
		.qualify_timeout_ms = 3000,
	};
}

void sip_auth_config_init(struct sip_auth_config *auth)
{
	*auth = (struct sip_auth_config){ .auth_type = SIP_AUTH_DIGEST };
}

void sip_transport_section_init(struct sip_transport_section *transport)
{
	*transport = (struct sip_transport_section){ .protocol = SIP_UDP };
}

const char *sip_version(void)
{
	return SIP_VERSION;
}
