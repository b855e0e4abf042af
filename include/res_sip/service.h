/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Services: the code that answers requests.
 *
 * A request that was identified and authenticated is offered to the services
 * of stage LOCAL, then to those of stage FORWARD, within a stage in the order
 * of registration (or of `[global] service_order=`).  The first that returns
 * true has taken it and sees to its answer (res_sip/response.h).
 *
 * Threads: callbacks run in the turn of the message's work; several calls are
 * served at once.  A callback may block: only its own call waits.  Registering
 * is allowed from any thread.
 */
#pragma once

#include "res_sip/compiler.h"
#include "res_sip/message.h"

SIP_API_BEGIN

struct sip_tx_data;
struct sip_server;

/** When it is asked: all services of the first stage come before those of the second. */
enum sip_service_stage {
	SIP_STAGE_LOCAL,   /**< Answers requests that are for this server. */
	SIP_STAGE_FORWARD, /**< Passes requests on. */
};

/** What became of a request that a service kept (ast_sip_keep_request()). */
enum sip_txn_event {
	SIP_TXN_CANCELLED, /**< A CANCEL came; it was answered 200, the request is yours
			      to end with 487. */
	SIP_TXN_NO_ACK,    /**< Nobody acknowledged the final answer (timer H). */
	SIP_TXN_ENDED,     /**< Nothing can become of it any more: it was answered for
			      good, or given up.  The last event, exactly once, in a
			      task of its own. */
};

/** A service.  The struct is borrowed until it is unregistered and idle.  Callbacks may
 * be NULL. */
struct sip_service {
	const char *name;
	enum sip_service_stage stage;
	/** Methods it serves, separated by spaces, for Allow; NULL: those it takes are
	 * nobody's business. */
	const char *methods;
	/** Known to block: runs on spare threads from the first call on. */
	bool may_block;
	/** Of requests with another method than `methods` has it is not asked, which
	 * spares them a call each. */
	bool methods_only;

	/** Before the first request, once; not 0: it is not registered. */
	int (*load)(struct sip_server *server);
	/** When the server begins to serve (at once where it already does). */
	int (*start)(void);
	/** No further request will come. */
	void (*stop)(void);
	/** The last of its callbacks, transactions, timers and tasks has left.  On a
	 * thread that serves nobody; when the server was stopped, even where a timer is
	 * left. */
	void (*unload)(void);

	/** True: taken. */
	bool (*on_rx_request)(struct sip_rx_data *rdata);
	/** A response that no transaction of another service's waits for. */
	bool (*on_rx_response)(struct sip_rx_data *rdata);
	/** A message is about to be sent; headers may be added. */
	void (*on_tx_request)(struct sip_tx_data *tdata);
	void (*on_tx_response)(struct sip_tx_data *tdata);
	/** About a request it kept. */
	void (*on_txn_state)(struct sip_rx_data *rdata, enum sip_txn_event event);

	/** Pure, quick: would this LOCAL service take the request?  It decides between
	 * 401 and 407 (RFC 3261 section 22.3); NULL: no, unless the Request-URI has no
	 * user part. */
	bool (*claims)(const struct sip_rx_data *rdata);

	/** Option tags that it understands where Require has them, separated by spaces;
	 * NULL: none.  A request with others that it claims is answered 420 before it is
	 * asked (RFC 3261 section 8.2.2.3). */
	const char *understands;
};

/**
 * Register a service.  0; -1 (logged): no name, no callback, a service of that name
 * exists, load() failed, or the thread has no server.
 */
SIP_MUST_USE int ast_sip_register_service(struct sip_service *service);

/** No new request goes to it; unload() is called when it is idle.  Returns at once. */
void ast_sip_unregister_service(struct sip_service *service);

SIP_API_END
