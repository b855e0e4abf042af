/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options of the types of sections that are not there yet.
 *
 * Their names are known, so that a slip in one is found all the same; whatever they say,
 * the section's own verdict is told once.
 */
#include "options.h"

#define LATER(option_name)                                                               \
	{                                                                                \
		.name = option_name, .verdict = OPTION_NOT_YET                           \
	}

static const struct option registration_rows[] = {
	LATER("server_uri"),
	LATER("client_uri"),
	LATER("outbound_auth"),
	LATER("outbound_proxy"),
	LATER("transport"),
	LATER("endpoint"),
	LATER("line"),
	LATER("expiration"),
	LATER("retry_interval"),
	LATER("max_retries"),
	LATER("max_random_initial_delay"),
	LATER("forbidden_retry_interval"),
	LATER("fatal_retry_interval"),
	LATER("auth_rejection_permanent"),
	LATER("contact_user"),
	LATER("contact_header_params"),
	LATER("support_path"),
	LATER("support_outbound"),
	LATER("security_negotiation"),
	LATER("security_mechanisms"),
	LATER("user_agent"),
};
const struct option_table registration_options = OPTION_TABLE(registration_rows);

static const struct option contact_rows[] = {
	LATER("uri"),
	LATER("expiration_time"),
	LATER("qualify_frequency"),
	LATER("qualify_timeout"),
	LATER("qualify_2xx_only"),
	LATER("authenticate_qualify"),
	LATER("outbound_proxy"),
	LATER("path"),
	LATER("user_agent"),
	LATER("endpoint"),
	LATER("reg_server"),
	LATER("via_addr"),
	LATER("via_port"),
	LATER("call_id"),
	LATER("prune_on_boot"),
};
const struct option_table contact_options = OPTION_TABLE(contact_rows);

static const struct option resource_list_rows[] = {
	LATER("event"),
	LATER("list_item"),
	LATER("full_state"),
	LATER("notification_batch_interval"),
	LATER("resource_display_name"),
};
const struct option_table resource_list_options = OPTION_TABLE(resource_list_rows);

static const struct option subscription_persistence_rows[] = {
	LATER("packet"),
	LATER("src_name"),
	LATER("src_port"),
	LATER("transport_key"),
	LATER("local_name"),
	LATER("local_port"),
	LATER("cseq"),
	LATER("tag"),
	LATER("endpoint"),
	LATER("expires"),
	LATER("contact_uri"),
	LATER("prune_on_boot"),
	LATER("generator_data"),
};
const struct option_table subscription_persistence_options = OPTION_TABLE(
	subscription_persistence_rows);

static const struct option inbound_publication_rows[] = {
	LATER("endpoint"),
	LATER("event_asterisk-devicestate"),
	LATER("event_asterisk-mwi"),
};
const struct option_table inbound_publication_options = OPTION_TABLE(
	inbound_publication_rows);

static const struct option outbound_publish_rows[] = {
	LATER("server_uri"),
	LATER("from_uri"),
	LATER("to_uri"),
	LATER("event"),
	LATER("expiration"),
	LATER("outbound_auth"),
	LATER("outbound_proxy"),
	LATER("max_auth_attempts"),
	LATER("transport"),
	LATER("multi_user"),
};
const struct option_table outbound_publish_options = OPTION_TABLE(outbound_publish_rows);

static const struct option asterisk_publication_rows[] = {
	LATER("devicestate_publish"),
	LATER("mailboxstate_publish"),
	LATER("device_state"),
	LATER("device_state_filter"),
	LATER("mailbox_state"),
	LATER("mailbox_state_filter"),
};
const struct option_table asterisk_publication_options = OPTION_TABLE(
	asterisk_publication_rows);

/* The rest of a phoneprov section are variables of any name. */
static const struct option phoneprov_rows[] = {
	LATER("endpoint"),
	LATER("MAC"),
	LATER("PROFILE"),
};
const struct option_table phoneprov_options = OPTION_TABLE(phoneprov_rows);

/* pjsip_wizard.conf; `endpoint/allow` and its like are options of the sections that it
 * makes. */
static const struct option wizard_rows[] = {
	LATER("remote_hosts"),
	LATER("transport"),
	LATER("accepts_auth"),
	LATER("accepts_registrations"),
	LATER("sends_auth"),
	LATER("sends_registrations"),
	LATER("sends_line_with_registrations"),
	LATER("outbound_proxy"),
	LATER("server_uri_pattern"),
	LATER("client_uri_pattern"),
	LATER("contact_pattern"),
	LATER("has_phoneprov"),
	LATER("has_hint"),
	LATER("hint_context"),
	LATER("hint_exten"),
	LATER("hint_application"),
};
const struct option_table wizard_options = OPTION_TABLE(wizard_rows);
