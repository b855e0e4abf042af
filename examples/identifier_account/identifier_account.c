/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An identifier by header: a session border controller in front of this server has
 * found out who its users are, and says so in X-Account.  See README.md beside it.
 *
 * The header counts from those alone whose word we take: an endpoint known by its
 * address, with trust_id_inbound=yes.  From anybody else it says nothing.
 */
#include <res_sip.h>

#include <stdlib.h>

static bool is_believed(const struct sip_rx_data *rdata)
{
	struct ast_sip_endpoint *sender = ast_sip_endpoint_by_address(
		&sip_rx_data_flow(rdata)->peer);
	bool believed = sender != NULL &&
		ast_sip_endpoint_options(sender)->trust_id_inbound;

	ast_sip_endpoint_unref(sender);
	return believed;
}

/* The endpoint, with a reference that the core takes; NULL: the next identifier is asked.
 */
static struct ast_sip_endpoint *identify(struct sip_rx_data *rdata)
{
	struct sip_str account = sip_rx_data_header_named(rdata, SIP_STR("X-Account"));
	struct ast_sip_endpoint *endpoint;
	char *name;

	if (account.len == 0 || !is_believed(rdata))
		return NULL;
	name = sip_str_copy(account);
	if (name == NULL)
		return NULL;
	endpoint = ast_sip_endpoint_find(name);
	free(name);
	return endpoint;
}

static struct ast_sip_endpoint_identifier identifier = {
	.name = "account",
	.identify_endpoint = identify,
	/* Nobody but the border controller can say it: an account without `auth=` may do
	 * all that one with a password may. */
	.proves = true,
};

static int load(void)
{
	return ast_sip_register_endpoint_identifier(&identifier);
}

static void unload(void)
{
	ast_sip_unregister_endpoint_identifier(&identifier);
}

AST_SIP_MODULE(.name = "identifier_account", .flags = AST_SIP_MODULE_DRY_SAFE,
	.load = load, .unload = unload);
