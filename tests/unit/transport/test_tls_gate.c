/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate of handshakes: one at a time, by their order. */
#include "support/check.h"

#include "transport/tls_connection.h"

/* Somebody whose look is pushed already: the gate has nobody to wake. */
static void come(struct sip_tls *tls, struct sip_connection *connection)
{
	atomic_init(&connection->look_pushed, true);
	tls->connection = connection;
	sip_list_init(&tls->waiting);
}

TEST(one_passes_and_who_waits_longest_is_next)
{
	static struct sip_connection connections[4];
	struct sip_tls tls[4] = { { .ssl = NULL } };
	struct sip_tls_gate gate;

	for (unsigned i = 0; i < 4; i++)
		come(&tls[i], &connections[i]);
	sip_tls_gate_init(&gate);
	CHECK(sip_tls_gate_enter(&gate, &tls[0]));
	for (unsigned i = 1; i < 4; i++)
		CHECK(!sip_tls_gate_enter(&gate, &tls[i]));
	/* Who asks again keeps his place. */
	CHECK(!sip_tls_gate_enter(&gate, &tls[1]));

	sip_tls_gate_leave(&gate, &tls[0]);
	CHECK(!sip_tls_gate_enter(&gate, &tls[3]));
	CHECK(!sip_tls_gate_enter(&gate, &tls[0]));
	CHECK(sip_tls_gate_enter(&gate, &tls[1]));
	/* One that goes while it waits is passed over. */
	sip_tls_gate_leave(&gate, &tls[2]);
	sip_tls_gate_leave(&gate, &tls[1]);
	CHECK(sip_tls_gate_enter(&gate, &tls[3]));
	sip_tls_gate_leave(&gate, &tls[3]);
	CHECK(sip_tls_gate_enter(&gate, &tls[0]));

	sip_tls_gate_leave(&gate, &tls[0]);
	sip_tls_gate_fini(&gate);
}
