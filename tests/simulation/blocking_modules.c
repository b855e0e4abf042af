/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Callbacks of the real modules, between two pauses: see blocking_modules.h.
 *
 * What a module registers is a variable of its copy, whose functions are changed in
 * place; it is as it was when the copy is taken anew.
 */
#include "blocking_modules.h"

#include "blocking.h"
#include "host.h"
#include "module_copies.h"
#include "sim.h"

#include "server/modules/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than there are copies of modules. */
#define STAND_INS_MAX 512

/* What was registered, and the functions that it had. */
struct stand_in {
	const void *any;
	struct ast_sip_authenticator authenticator;
	struct ast_sip_endpoint_identifier identifier;
	struct sip_service service;
};

static struct stand_in stand_ins[STAND_INS_MAX];

static struct stand_in *stand_in_for(const void *any)
{
	struct stand_in *at = stand_ins;

	while (at < stand_ins + STAND_INS_MAX && at->any != NULL && at->any != any)
		at++;
	if (at == stand_ins + STAND_INS_MAX) {
		fprintf(stderr, "simulate: too many registrations\n");
		exit(2);
	}
	at->any = any;
	return at;
}

/* Of the callback that runs. */
static const struct stand_in *current(void)
{
	const struct sip_registered *registered = SIP_CONTAINER(
		sip_callback_current(), struct sip_registered, request_site);

	return stand_in_for(registered->any);
}

/* Rule instance-stays: the module is there when its callback goes on. */
static void pause_in(const struct stand_in *stand_in)
{
	blocking_pause();
	if (!module_copies_have(stand_in->any)) {
		fprintf(stderr,
			"simulate: rule instance-stays: an instance has gone while "
			"its callback blocked\n");
		abort();
	}
}

/* ---- the callbacks ---- */

static int authenticate(struct ast_sip_endpoint *endpoint, struct sip_rx_data *rdata)
{
	const struct stand_in *stand_in = current();
	int result;

	pause_in(stand_in);
	result = stand_in->authenticator.authenticate_request(endpoint, rdata);
	pause_in(stand_in);
	return result;
}

static int get_credentials(struct ast_sip_endpoint *endpoint,
	struct ast_sip_digest_challenge_data *challenge)
{
	const struct stand_in *stand_in = current();

	pause_in(stand_in);
	return stand_in->authenticator.get_authentication_credentials(
		endpoint, challenge);
}

static struct ast_sip_endpoint *identify(struct sip_rx_data *rdata)
{
	const struct stand_in *stand_in = current();

	pause_in(stand_in);
	return stand_in->identifier.identify_endpoint(rdata);
}

static bool serve(struct sip_rx_data *rdata)
{
	const struct stand_in *stand_in = current();
	bool taken;

	pause_in(stand_in);
	taken = stand_in->service.on_rx_request(rdata);
	pause_in(stand_in);
	return taken;
}

/* ---- registering ---- */

static bool blocks(enum blocking_kind kind)
{
	const struct blocking *blocking = blocking_of_server(sip_server_here());

	return blocking != NULL && blocking->on && blocking->kind[kind];
}

int Ast_sip_register_authenticator(struct ast_sip_authenticator *authenticator)
{
	if (blocks(BLOCK_AUTHENTICATOR)) {
		stand_in_for(authenticator)->authenticator = *authenticator;
		authenticator->authenticate_request = authenticate;
		authenticator->get_authentication_credentials = get_credentials;
		authenticator->may_block = true;
	}
	return ast_sip_register_authenticator(authenticator);
}

int Ast_sip_register_endpoint_identifier(struct ast_sip_endpoint_identifier *identifier)
{
	if (blocks(BLOCK_IDENTIFIERS)) {
		stand_in_for(identifier)->identifier = *identifier;
		identifier->identify_endpoint = identify;
		identifier->may_block = true;
	}
	return ast_sip_register_endpoint_identifier(identifier);
}

static enum blocking_kind kind_of(const struct sip_service *service)
{
	if (strcmp(service->name, "registrar") == 0)
		return BLOCK_REGISTRAR;
	return strcmp(service->name, "proxy") == 0 ? BLOCK_PROXY : BLOCK_OPTIONS;
}

int Ast_sip_register_service(struct sip_service *service)
{
	if (blocks(kind_of(service)) && service->on_rx_request != serve) {
		stand_in_for(service)->service = *service;
		service->on_rx_request = serve;
		service->may_block = true;
	}
	return ast_sip_register_service(service);
}
