/* SPDX-License-Identifier: BSD-2-Clause */
/* See resolve_fixture.h. */
#include "resolve_fixture.h"

#include "res_sip/error.h"

#include <stdio.h>
#include <string.h>

/* The machine has one address of each family. */
static int fake_route(const struct sip_addr *peer, struct sip_addr *local)
{
	return sip_addr_parse(peer->sa.sa_family == AF_INET ? SIP_STR("198.51.100.200")
							    : SIP_STR("2001:db8::200"),
		0, local);
}

void resolve_prepare(struct resolve_fixture *f, const char *const *zone)
{
	struct sip_pool_config pool;

	memset(f, 0, sizeof(*f));
	sip_clock_init_virtual(&f->clock);
	sip_random_init_seed(&f->random, 7);
	f->counters = sip_counters_create();
	CHECK(f->counters != NULL);
	sip_pool_config_init(&pool);
	pool.servants = 2;
	pool.clock = &f->clock;
	pool.random = &f->random;
	pool.counters = f->counters;
	pool.stepped = true;
	CHECK_INT(sip_pool_create(&pool, &f->pool), ==, 0);
	CHECK_INT(sip_pool_start(f->pool), ==, 0);
	fake_dns_init(&f->dns, zone);
	memset(f->families, SIP_FAMILY_IPV4 | SIP_FAMILY_IPV6, sizeof(f->families));
	sip_resolver_config_init(&f->config);
	f->config.pool = f->pool;
	f->config.random = &f->random;
	f->config.counters = f->counters;
	f->config.source = &f->dns.source;
	f->config.route = fake_route;
}

void resolve_open(struct resolve_fixture *f)
{
	CHECK_INT(sip_resolver_create(&f->config, &f->resolver), ==, 0);
	f->work = ast_sip_create_work();
	CHECK(f->work != NULL);
}

void resolve_setup(struct resolve_fixture *f, const char *const *zone)
{
	resolve_prepare(f, zone);
	resolve_open(f);
}

void resolve_teardown(struct resolve_fixture *f)
{
	struct sip_resolver_figures figures;

	sip_resolver_stop(f->resolver);
	sip_pool_step(f->pool);
	sip_resolver_figures(f->resolver, &figures);
	CHECK_INT(figures.asks, ==, 0);
	CHECK_INT(figures.queries, ==, 0);
	ast_sip_destroy_work(f->work);
	sip_pool_stop(f->pool);
	sip_resolver_destroy(&f->resolver);
	sip_pool_destroy(&f->pool);
	sip_counters_destroy(&f->counters);
}

static void on_resolved(void *arg, int result, const struct sip_targets *targets)
{
	struct resolve_fixture *f = arg;

	CHECK(ast_sip_current_work() == f->work);
	f->ask = NULL;
	f->told++;
	f->result = result;
	f->targets = *targets;
}

void resolve_ask(struct resolve_fixture *f, const char *text)
{
	struct sip_asker asker = { f->work, on_resolved, f };
	struct sip_resolve_request request = { .scheme = SIP_URI_SIP };
	struct sip_uri uri;

	CHECK_INT(sip_uri_parse(sip_str_of(text), &uri), ==, 0);
	request.scheme = uri.scheme;
	request.host = uri.host;
	request.port = uri.port;
	SIP_IGNORE(sip_uri_param(/* none: it stays NULL */
		&uri, SIP_STR("transport"), &request.transport));
	memcpy(request.families, f->families, sizeof(request.families));
	f->told = 0;
	f->result = sip_resolve(f->resolver, &request, &asker, &f->targets, &f->ask);
	if (f->ask == NULL)
		f->told++;
	sip_pool_step(f->pool);
}

struct sip_str resolve_told(struct resolve_fixture *f)
{
	char addr[SIP_ADDR_TEXT_LEN];
	size_t len = 0;

	if (f->told == 0)
		return SIP_STR("waits");
	CHECK_INT(f->told, ==, 1);
	CHECK((f->result == 0) == (f->targets.count > 0));
	if (f->result != 0)
		return sip_str_of(sip_error_text(f->result));
	for (unsigned i = 0; i < f->targets.count; i++) {
		const struct sip_target *target = &f->targets.target[i];

		len += (size_t)snprintf(f->text + len, sizeof(f->text) - len, "%s%s %s",
			i > 0 ? ", " : "", sip_transport_name(target->kind),
			sip_addr_text(&target->addr, addr));
		CHECK_INT(len, <, sizeof(f->text));
	}
	return sip_str_of(f->text);
}

struct sip_str resolve_all(struct resolve_fixture *f, const char *uri)
{
	resolve_ask(f, uri);
	return resolve_told(f);
}

void resolve_forward_ms(struct resolve_fixture *f, uint64_t ms)
{
	sip_clock_forward_us(&f->clock, ms * 1000);
	sip_pool_step(f->pool);
}

uint64_t resolve_counted(const struct resolve_fixture *f, enum sip_counter counter)
{
	return sip_counter_value(f->counters, counter);
}

struct errand {
	struct resolve_fixture *f;
	void (*function)(struct resolve_fixture *f);
};

static int run_errand(void *arg)
{
	struct errand *errand = arg;

	sip_core_enter();
	errand->function(errand->f);
	sip_core_leave();
	return 0;
}

void resolve_in_turn(
	struct resolve_fixture *f, void (*function)(struct resolve_fixture *f))
{
	struct errand errand = { f, function };

	CHECK_INT(ast_sip_push_task(f->work, run_errand, &errand), ==, 0);
	sip_pool_step(f->pool);
}
