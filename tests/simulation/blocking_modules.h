/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the copies of module files register with: the names in them are changed to these
 * (module_copies.c), so that a callback can block before and after it does its work.
 */
#pragma once

#include <res_sip/authenticator.h>
#include <res_sip/endpoint.h>
#include <res_sip/service.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int Ast_sip_register_authenticator(struct ast_sip_authenticator *authenticator);
EXPORTED int Ast_sip_register_endpoint_identifier(
	struct ast_sip_endpoint_identifier *identifier);
EXPORTED int Ast_sip_register_service(struct sip_service *service);
