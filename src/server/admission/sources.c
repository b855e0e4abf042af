/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What follows from what sources do: see sources.h.
 *
 * While nobody waits, a request costs one look at one word.
 */
#include "server/admission/sources.h"

#include "server/admission/admission_class.h"
#include "server/admission/refuse.h"
#include "server/auth/authentication.h"
#include "server/auth/nonce.h"
#include "server/settings/emergency.h"
#include "server/settings/match.h"
#include "server/show/dry_run.h"

#include "res_sip/log.h"

#include <stdlib.h>

#define SECOND_US UINT64_C(1000000)

/* Of garbage: enough for a phone that keeps a wrong message coming, and its operator to
 * see why. */
static const struct sip_budget_rule noise = {
	.limit = 16,
	.period_us = 10 * SECOND_US,
	.first_wait_us = 10 * SECOND_US,
	.max_wait_us = 80 * SECOND_US,
};

struct sip_sources {
	struct sip_budget *failed;
	struct sip_budget *doubted;
	struct sip_budget *garbage;
};

static struct sip_log_limit limit;
static struct sip_log_limit noise_limit;

static uint64_t seconds_of(uint64_t us)
{
	return (us + SECOND_US - 1) / SECOND_US;
}

int sip_sources_create(struct sip_random *random, struct sip_sources **out)
{
	struct sip_sources *sources = calloc(1, sizeof(*sources));
	int result;

	if (sources == NULL)
		return SIP_EMEMORY;
	result = sip_budget_create(random, 1024, &sources->failed);
	if (result == 0)
		result = sip_budget_create(random, 512, &sources->doubted);
	if (result == 0)
		result = sip_budget_create(random, 512, &sources->garbage);
	if (result != 0)
		sip_sources_destroy(&sources);
	else
		*out = sources;
	return result;
}

void sip_sources_destroy(struct sip_sources **place)
{
	struct sip_sources *sources = *place;

	*place = NULL;
	if (sources == NULL)
		return;
	sip_budget_destroy(&sources->failed);
	sip_budget_destroy(&sources->doubted);
	sip_budget_destroy(&sources->garbage);
	free(sources);
}

static struct sip_budget_rule rule_of(const struct sip_settings *settings)
{
	const struct sip_global_config *global = &settings->global;

	return (struct sip_budget_rule){
		.limit = global->failed_logins < SIP_BUDGET_LIMIT_MAX
			? global->failed_logins
			: SIP_BUDGET_LIMIT_MAX,
		.period_us = global->failed_login_period_s * SECOND_US,
		.first_wait_us = global->failed_login_wait_s * SECOND_US,
		.max_wait_us = global->failed_login_max_wait_s * SECOND_US,
	};
}

static struct sip_budget_source source_of(const struct sip_addr *peer, bool exact)
{
	struct sip_budget_source source = { *peer, exact };

	if (!exact)
		sip_addr_set_port(&source.addr, 0);
	return source;
}

/* Nobody is asked for a password there, so nobody there can fail. */
static bool is_known_without_password(
	const struct sip_rx_data *rdata, const struct sip_settings *settings)
{
	const struct ast_sip_endpoint *endpoint = sip_match_certificate(
		settings, rdata->peer_names);

	if (endpoint == NULL)
		endpoint = sip_match_find(settings, &rdata->flow.peer);
	return endpoint != NULL && endpoint->auth_count == 0;
}

static void log_wait(const struct sip_budget_source *source,
	const struct sip_budget_rule *rule, uint64_t wait_us)
{
	char text[SIP_ADDR_TEXT_LEN];

	sip_log_limited(&limit, SIP_LOG_NOTICE, "admission",
		"source waits source=%s seconds=%llu reason=\"%u failed logins\"",
		source->exact ? sip_addr_text(&source->addr, text)
			      : sip_addr_host_text(&source->addr, text),
		(unsigned long long)seconds_of(wait_us), rule->limit);
}

/* Anybody may have sent it: it says where to look, and proves nothing. */
static void log_noise(const struct sip_budget_source *source, uint64_t wait_us)
{
	char text[SIP_ADDR_TEXT_LEN];

	sip_log_limited(&noise_limit, SIP_LOG_NOTICE, "admission",
		"garbage is ignored source=%s seconds=%llu, source not proven",
		sip_addr_host_text(&source->addr, text),
		(unsigned long long)seconds_of(wait_us));
}

/* One that may pass while its address waits has a budget of its own. */
static void spend_proven(struct sip_rx_data *rdata, const struct sip_settings *settings,
	const struct sip_budget_rule *rule, uint64_t now_us)
{
	struct sip_budget *failed = rdata->server->sources->failed;
	bool exact = sip_is_registered_there(rdata, settings);
	uint64_t wait_us;

	for (int i = 0; i <= (exact ? 1 : 0); i++) {
		struct sip_budget_source source = source_of(&rdata->flow.peer, i == 1);

		if (!sip_budget_spend(failed, &source, rule, now_us, &wait_us))
			continue;
		sip_count(rdata->server->counters, SIP_COUNT_SOURCES_WAITING);
		log_wait(&source, rule, wait_us);
	}
}

/*
 * It passes although its address waits: a call for help, or a peer known by address.
 * Nobody waits by what it fails, so its failures go to the budget of the doubted, or
 * passwords could be guessed there without end.
 */
static bool is_excepted(const struct sip_rx_data *rdata, uint64_t now_us)
{
	const struct sip_settings *settings = rdata->serving->snapshot->settings;
	const struct sip_budget *failed = rdata->server->sources->failed;
	struct sip_budget_source source = source_of(&rdata->flow.peer, false);

	if (sip_budget_wait_us(failed, &source, now_us) == 0)
		return false;
	if (!sip_is_registered_there(rdata, settings))
		return true;
	source = source_of(&rdata->flow.peer, true);
	return sip_budget_wait_us(failed, &source, now_us) > 0;
}

/* Dry: what a failed login would be taken for. */
static void explain_failed(
	const struct sip_rx_data *rdata, const struct sip_budget_rule *rule, bool proven)
{
	const struct sip_config_source *source = &rdata->serving->snapshot->settings
							  ->global.source;

	if (proven)
		ast_sip_explain_line(rdata, source,
			"it counts against its source: after %u within %llu s "
			"(failed_logins=) that waits",
			rule->limit, (unsigned long long)seconds_of(rule->period_us));
	else
		ast_sip_explain_line(rdata, source,
			"its nonce was not given to this address, so it makes nobody wait");
}

void sip_source_failed(struct sip_rx_data *rdata, const char *realm)
{
	struct sip_server *server = rdata->server;
	const struct sip_settings *settings = rdata->serving->snapshot->settings;
	const struct sip_budget_rule rule = rule_of(settings);
	struct sip_budget_source source = source_of(&rdata->flow.peer, false);
	uint64_t now_us = sip_pool_now_us(server->pool);
	struct sip_digest credentials;
	uint64_t wait_us;
	bool excepted;
	bool proven;

	if (sip_find_credentials(rdata, realm, &credentials) != 0)
		return;
	proven = sip_nonce_is_ours(
		server->nonces, credentials.nonce, credentials.realm, &rdata->flow.peer);
	if (rdata->serving->dry_run != NULL) {
		explain_failed(rdata, &rule, proven);
		return;
	}
	excepted = is_excepted(rdata, now_us);
	if (proven)
		spend_proven(rdata, settings, &rule, now_us);
	if (!proven || excepted)
		SIP_IGNORE(sip_budget_spend(/* nobody is told: it may be forged */
			server->sources->doubted, &source, &rule, now_us, &wait_us));
}

bool sip_source_doubts(
	const struct sip_rx_data *rdata, const struct sip_digest *credentials)
{
	struct sip_server *server = rdata->server;
	struct sip_budget *doubted = server->sources->doubted;
	uint64_t now_us = sip_pool_now_us(server->pool);
	struct sip_budget_source source;

	if (SIP_LIKELY(sip_budget_idle(doubted, now_us)))
		return false;
	source = source_of(&rdata->flow.peer, false);
	if (sip_budget_wait_us(doubted, &source, now_us) == 0 ||
		(sip_nonce_is_ours(server->nonces, credentials->nonce, credentials->realm,
			 &rdata->flow.peer) &&
			!is_excepted(rdata, now_us)))
		return false;
	sip_serving_count(rdata, SIP_COUNT_AUTH_UNJUDGED);
	ast_sip_explain(rdata, NULL,
		"they are not judged: too many wrong ones came from there, with nonces "
		"that were not given to it or while it waits");
	return true;
}

bool sip_source_is_noisy(struct sip_server *server, const struct sip_addr *peer)
{
	struct sip_budget *garbage = server->sources->garbage;
	struct sip_budget_source source = source_of(peer, false);
	uint64_t now_us = sip_pool_now_us(server->pool);
	uint64_t wait_us;

	if (sip_budget_wait_us(garbage, &source, now_us) > 0)
		return true;
	/* The one that begins the wait is the last that is answered. */
	if (sip_budget_spend(garbage, &source, &noise, now_us, &wait_us))
		log_noise(&source, wait_us);
	return false;
}

bool sip_source_rehearse_noise(struct sip_server *server, const struct sip_addr *peer)
{
	struct sip_budget_source source = source_of(peer, false);

	return sip_budget_wait_us(server->sources->garbage, &source,
		       sip_pool_now_us(server->pool)) > 0;
}

static uint64_t wait_of(const struct sip_rx_data *rdata,
	const struct sip_settings *settings, uint64_t now_us)
{
	const struct sip_budget *failed = rdata->server->sources->failed;
	struct sip_budget_source source = source_of(&rdata->flow.peer, false);
	uint64_t wait_us = sip_budget_wait_us(failed, &source, now_us);

	if (wait_us == 0)
		return 0;
	if (rdata->msg.method == SIP_INVITE &&
		sip_uri_is_emergency(rdata->server, settings, &rdata->msg.request_uri))
		return 0;
	if (sip_is_registered_there(rdata, settings)) {
		source = source_of(&rdata->flow.peer, true);
		return sip_budget_wait_us(failed, &source, now_us);
	}
	return is_known_without_password(rdata, settings) ? 0 : wait_us;
}

static bool is_refused(
	struct sip_rx_data *rdata, const struct sip_settings *settings, uint64_t now_us)
{
	struct sip_server *server = rdata->server;
	struct sip_budget_source source = source_of(&rdata->flow.peer, false);
	uint64_t wait_us = wait_of(rdata, settings, now_us);

	if (wait_us == 0)
		return false;
	if (ast_sip_is_dry(rdata)) {
		ast_sip_explain_line(rdata, &settings->global.source,
			"its source has failed to log in too often, and waits for another "
			"%llu s (failed_logins=): 503, or no answer",
			(unsigned long long)seconds_of(wait_us));
		sip_refuse_until(rdata, (uint32_t)seconds_of(wait_us));
		return true;
	}
	if (!sip_budget_may_tell(server->sources->failed, &source, now_us, SECOND_US)) {
		sip_count(server->counters, SIP_COUNT_SOURCE_DROPPED);
		return true;
	}
	sip_count(server->counters, SIP_COUNT_SOURCE_REFUSED);
	sip_refuse_until(rdata, (uint32_t)seconds_of(wait_us));
	return true;
}

bool sip_sources_wait(const struct sip_server *server, uint64_t now_us)
{
	return !sip_budget_idle(server->sources->failed, now_us);
}

bool sip_source_refused(struct sip_rx_data *rdata)
{
	struct sip_server *server = rdata->server;
	uint64_t now_us = sip_pool_now_us(server->pool);
	struct sip_snapshot *snapshot;
	bool refused;

	if (SIP_LIKELY(sip_budget_idle(server->sources->failed, now_us)) ||
		rdata->msg.method == SIP_ACK || rdata->msg.method == SIP_CANCEL)
		return false;
	snapshot = sip_snapshot_take(server);
	refused = is_refused(rdata, snapshot->settings, now_us);
	sip_snapshot_unref(&snapshot);
	return refused;
}

size_t sip_source_list(struct sip_server *server, enum sip_source_deed deed,
	struct sip_budget_entry *entries, size_t room)
{
	const struct sip_sources *sources = server->sources;
	struct sip_budget *budgets[] = { sources->failed, sources->doubted,
		sources->garbage };

	return sip_budget_list(
		budgets[deed], sip_pool_now_us(server->pool), entries, room);
}
