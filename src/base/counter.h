/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * Counters: one set per server, counted by any thread without contention.
 *
 * A thread counts in its own line of the set (by a number that it gets at its
 * first use, modulo the lines); a reader adds the lines up.
 */
#pragma once

#include "base/compiler.h"

/* Every counter: its name in the code, and its name on the console. */
#define SIP_COUNTERS(X)                                                                  \
	X(RX_REQUESTS, "received.requests")                                              \
	X(RX_RESPONSES, "received.responses")                                            \
	X(RX_KEEPALIVES, "received.keepalives")                                          \
	X(RX_BAD_ANSWERED, "received.bad.answered")                                      \
	X(RX_BAD_DROPPED, "received.bad.dropped")                                        \
	X(RX_BAD_IGNORED, "received.bad.ignored")                                        \
	X(RX_NO_MEMORY, "received.dropped.memory")                                       \
	X(RX_KERNEL_DROPPED, "received.dropped.kernel")                                  \
	X(RX_STRAY_RESPONSES, "received.stray.responses")                                \
	X(RX_STRAY_ACKS, "received.stray.acks")                                          \
	X(TX_MESSAGES, "sent.messages")                                                  \
	X(TX_KEEPALIVES, "sent.keepalives")                                              \
	X(TX_FAILED, "sent.failed")                                                      \
	X(TX_RETRANSMISSIONS, "sent.retransmissions")                                    \
	X(RX_RETRANSMISSIONS, "received.retransmissions")                                \
	X(TXN_TIMEOUTS, "transactions.timeouts")                                         \
	X(CHALLENGES, "authentication.challenges")                                       \
	X(AUTH_SUCCESS, "authentication.success")                                        \
	X(AUTH_FAILED, "authentication.failed")                                          \
	X(AUTH_REPLAYS, "authentication.replays")                                        \
	X(AUTH_UNJUDGED, "authentication.unjudged")                                      \
	X(SOURCES_WAITING, "sources.waits")                                              \
	X(SOURCE_REFUSED, "sources.refused")                                             \
	X(SOURCE_DROPPED, "sources.dropped")                                             \
	X(REFUSED_FULL, "refused.full")                                                  \
	X(ADMISSION_WAITED, "admission.waited")                                          \
	X(REFUSED_EMERGENCY, "admission.refused.emergency")                              \
	X(REFUSED_OPTIONS, "admission.refused.options")                                  \
	X(REFUSED_KNOWN, "admission.refused.known")                                      \
	X(REFUSED_INVITE, "admission.refused.invite")                                    \
	X(REFUSED_REGISTER, "admission.refused.register")                                \
	X(REFUSED_OTHER, "admission.refused.other")                                      \
	X(DROPPED_EMERGENCY, "admission.dropped.emergency")                              \
	X(DROPPED_OPTIONS, "admission.dropped.options")                                  \
	X(DROPPED_KNOWN, "admission.dropped.known")                                      \
	X(DROPPED_INVITE, "admission.dropped.invite")                                    \
	X(DROPPED_REGISTER, "admission.dropped.register")                                \
	X(DROPPED_OTHER, "admission.dropped.other")                                      \
	X(REGISTRATIONS, "registrar.updates")                                            \
	X(RELAYED, "proxy.relayed")                                                      \
	X(ACL_SERVER, "acl.denied.server")                                               \
	X(ACL_TRANSPORT, "acl.denied.transport")                                         \
	X(ACL_ENDPOINT, "acl.denied.endpoint")                                           \
	X(ACL_CONTACT, "acl.denied.contact")                                             \
	X(LOOPS, "proxy.loops")                                                          \
	X(QUALIFY_SENT, "qualify.sent")                                                  \
	X(QUALIFY_DEFERRED, "qualify.deferred")                                          \
	X(DIALOGS, "dialogs.made")                                                       \
	X(DIALOGS_NO_ACK, "dialogs.no_ack")                                              \
	X(RESOLVE_AT_ONCE, "resolve.at_once")                                            \
	X(RESOLVE_ASKS, "resolve.asks")                                                  \
	X(RESOLVE_OVERDUE, "resolve.overdue")                                            \
	X(RESOLVE_QUERIES, "resolve.queries")                                            \
	X(RESOLVE_SHARED, "resolve.queries.shared")                                      \
	X(RESOLVE_UNANSWERED, "resolve.queries.unanswered")                              \
	X(RESOLVE_QUERY_FAILED, "resolve.queries.failed")                                \
	X(RESOLVE_STALE, "resolve.stale")                                                \
	X(RESOLVE_FULL_ASKS, "resolve.refused.asks")                                     \
	X(RESOLVE_FULL_QUERIES, "resolve.refused.queries")                               \
	X(RESOLVE_DEEP, "resolve.refused.depth")                                         \
	X(RESOLVE_LONG, "resolve.refused.records")                                       \
	X(RESOLVE_TARGET_FAILED, "resolve.targets.failed")                               \
	X(LOOKUPS_REFUSED, "resolve.refused.source")                                     \
	X(CONNECTIONS_ACCEPTED, "connections.accepted")                                  \
	X(CONNECTIONS_OPENED, "connections.opened")                                      \
	X(CONNECTIONS_REFUSED, "connections.refused")                                    \
	X(CONNECTIONS_BROKEN, "connections.broken")                                      \
	X(CONNECTIONS_LATE, "connections.late")                                          \
	X(RESPONSES_BY_ANOTHER, "connections.responses.by_another")                      \
	X(TASKS_FAILED, "tasks.failed")                                                  \
	X(LATE_ANSWERS, "services.late")                                                 \
	X(STALLS, "callbacks.stalled")                                                   \
	X(SPARES_MISSED, "spares.missed")                                                \
	X(TAKEOVERS, "reactors.taken")                                                   \
	X(STEALS, "works.stolen")

enum sip_counter {
#define X(id, text) SIP_COUNT_##id,
	SIP_COUNTERS(X)
#undef X
		SIP_COUNTER_COUNT
};

struct sip_counters;

SIP_MUST_USE struct sip_counters *sip_counters_create(void);
void sip_counters_destroy(struct sip_counters **counters);

void sip_count(struct sip_counters *counters, enum sip_counter counter);
void sip_count_add(
	struct sip_counters *counters, enum sip_counter counter, uint64_t amount);
uint64_t sip_counter_value(const struct sip_counters *counters, enum sip_counter counter);
const char *sip_counter_name(enum sip_counter counter);
