/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * res_sip: everything a service's author needs.
 *
 * A program that runs a server includes <res_sip/server.h> as well.
 */
#pragma once

#include "res_sip/authenticator.h"
#include "res_sip/config.h"
#include "res_sip/content.h"
#include "res_sip/dialog.h"
#include "res_sip/endpoint.h"
#include "res_sip/error.h"
#include "res_sip/explain.h"
#include "res_sip/flow.h"
#include "res_sip/gruu.h"
#include "res_sip/location.h"
#include "res_sip/log.h"
#include "res_sip/message.h"
#include "res_sip/module.h"
#include "res_sip/remark.h"
#include "res_sip/request.h"
#include "res_sip/response.h"
#include "res_sip/service.h"
#include "res_sip/session.h"
#include "res_sip/session_field.h"
#include "res_sip/str.h"
#include "res_sip/timer.h"
#include "res_sip/transaction.h"
#include "res_sip/uri.h"
#include "res_sip/work.h"
