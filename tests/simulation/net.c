/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated network: see net.h. */
#include "net.h"

#include <stdlib.h>
#include <string.h>

struct arrival {
	struct event event;
	struct net *net;
	struct place from;
	struct place to;
	struct slice text;
};

void net_init(struct net *net, uint64_t seed)
{
	draw_init(&net->draw, seed, "network");
	net->delay_us = draw_between(&net->draw, 100, 20000);
	net->spread_us = draw_below(&net->draw, 5000);
	net->grain_us = 1;
}

static struct net_end *end_of(struct net *net, struct place place)
{
	unsigned i = 0;

	while (i < net->end_count && !place_equal(net->end[i].place, place))
		i++;
	if (i == NET_PLACES_MAX)
		abort();
	if (i == net->end_count)
		net->end_count++;
	net->end[i].place = place;
	return &net->end[i];
}

void net_attach(struct net *net, struct place place, net_receive_fn *receive, void *arg)
{
	struct net_end *end = end_of(net, place);

	end->receive = receive;
	end->arg = arg;
	end->refuses = false;
}

void net_on_refusal(struct net *net, struct place place, net_refused_fn *refused)
{
	end_of(net, place)->refused = refused;
}

void net_refuse(struct net *net, struct place place)
{
	struct net_end *end = end_of(net, place);

	end->receive = NULL;
	end->refuses = true;
}

static void come_back(void *arg)
{
	struct arrival *arrival = arg;
	struct net_end *end = end_of(arrival->net, arrival->from);

	if (end->receive != NULL && end->refused != NULL)
		end->refused(end->arg, arrival->to, arrival->text);
}

static void arrive(void *arg)
{
	struct arrival *arrival = arg;
	struct net *net = arrival->net;

	struct net_end *end = end_of(net, arrival->to);

	if (end->receive != NULL)
		end->receive(end->arg, arrival->from, arrival->text);
	else if (end->refuses)
		agenda_set(net->agenda, &arrival->event, *net->now_us + net->delay_us,
			come_back, arrival);
}

static bool touches(struct place cut, struct place place)
{
	return cut.ip == 0 || place_equal(cut, place);
}

uint64_t net_cut_until_us(const struct net *net, struct place from, struct place to)
{
	uint64_t until_us = 0;

	for (unsigned i = 0; i < net->cut_count; i++) {
		const struct net_cut *cut = &net->cut[i];

		if (*net->now_us < cut->from_us || *net->now_us >= cut->until_us ||
			cut->until_us < until_us)
			continue;
		if ((touches(cut->a, from) && touches(cut->b, to)) ||
			(touches(cut->a, to) && touches(cut->b, from)))
			until_us = cut->until_us;
	}
	return until_us;
}

static uint64_t arrival_us(struct net *net)
{
	uint64_t at_us = *net->now_us + net->delay_us;

	if (net->spread_us > 0)
		at_us += draw_below(&net->draw, net->spread_us);
	return (at_us + net->grain_us - 1) / net->grain_us * net->grain_us;
}

static void carry(struct net *net, const struct passage *passage, uint64_t at_us)
{
	struct arrival *arrival = memory_take(net->memory, sizeof(*arrival));

	arrival->net = net;
	arrival->from = passage->from;
	arrival->to = passage->to;
	arrival->text = passage->text;
	agenda_set(net->agenda, &arrival->event, at_us, arrive, arrival);
}

static unsigned copies(struct net *net)
{
	unsigned count = 1;

	while (count < PASSAGE_COPIES_MAX &&
		draw_chance(&net->draw, net->repeat_permille))
		count++;
	return count;
}

void net_send(struct net *net, struct place from, struct place to, struct slice text)
{
	struct sip_text parsed;
	struct passage passage = { .sent_us = *net->now_us, .from = from, .to = to };

	passage.text = memory_copy(net->memory, text.at, text.len);
	if (sip_text_parse(&parsed, passage.text.at, text.len) == NULL)
		passage.call_id = parsed.call_id;
	if (net_cut_until_us(net, from, to) != 0)
		passage.lost = "cut";
	else if (!place_equal(from, to) && draw_chance(&net->draw, net->loss_permille))
		passage.lost = "lost";
	else
		passage.copies = copies(net);
	for (unsigned i = 0; i < passage.copies; i++) {
		passage.arrives_us[i] = arrival_us(net);
		carry(net, &passage, passage.arrives_us[i]);
	}
	trace_add(net->trace, &passage);
}
