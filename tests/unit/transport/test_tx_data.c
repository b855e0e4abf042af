/* SPDX-License-Identifier: BSD-2-Clause */
/* The buffer in which a message to send is built. */
#include "support/check.h"

#include "transport/tx_data.h"

static struct sip_slab *make_slab(void)
{
	struct sip_slab *slab = sip_slab_create("tx", SIP_TX_SLAB_LEN, 0);

	CHECK(slab != NULL);
	return slab;
}

TEST(an_ordinary_message_lives_in_the_slab)
{
	struct sip_slab *slab = make_slab();
	struct sip_tx_data *tdata = sip_tx_data_create(slab, 1500);

	CHECK(tdata != NULL);
	CHECK(tdata->large == NULL);
	CHECK_INT(tdata->size, >=, 1500);
	CHECK(tdata->text + tdata->size <= (char *)tdata + SIP_TX_SLAB_LEN);
	CHECK(tdata->head.buf == tdata->text);

	sip_tx_data_unref(&tdata);
	CHECK(tdata == NULL);
	CHECK_INT(sip_slab_live(slab), ==, 0);
	sip_slab_destroy(&slab);
}

TEST(a_long_message_has_a_buffer_of_its_own)
{
	struct sip_slab *slab = make_slab();
	struct sip_tx_data *tdata = sip_tx_data_create(slab, 60000);

	CHECK(tdata != NULL);
	CHECK_INT(tdata->size, >=, 60000);
	memset(tdata->text, 'x', tdata->size);

	sip_tx_data_unref(&tdata);
	CHECK_INT(sip_slab_live(slab), ==, 0);
	sip_slab_destroy(&slab);
}

TEST(growing_keeps_what_was_written)
{
	struct sip_slab *slab = make_slab();
	struct sip_tx_data *tdata = sip_tx_data_create(slab, 100);

	CHECK(tdata != NULL);
	sip_put(&tdata->head, SIP_STR("SIP/2.0 200 OK\r\n"));
	CHECK_INT(sip_tx_data_grow(tdata, 10000), ==, 0);
	CHECK_INT(sip_tx_data_grow(tdata, 20000), ==, 0);
	sip_put(&tdata->head, SIP_STR("Via"));

	CHECK_INT(tdata->size, >=, 20000);
	CHECK_STR(((struct sip_str){ tdata->text, tdata->head.len }),
		"SIP/2.0 200 OK\r\nVia");

	sip_tx_data_unref(&tdata);
	sip_slab_destroy(&slab);
}

TEST(it_goes_with_the_last_reference)
{
	struct sip_slab *slab = make_slab();
	struct sip_tx_data *tdata = sip_tx_data_create(slab, 100);
	struct sip_tx_data *other;

	CHECK(tdata != NULL);
	other = sip_tx_data_ref(tdata);
	sip_tx_data_unref(&tdata);
	CHECK_INT(sip_slab_live(slab), ==, 1);
	sip_tx_data_unref(&other);
	CHECK_INT(sip_slab_live(slab), ==, 0);
	sip_tx_data_unref(&other);

	sip_slab_destroy(&slab);
}

TEST(beyond_the_slab_s_maximum_there_is_none)
{
	struct sip_slab *slab = sip_slab_create("tx", SIP_TX_SLAB_LEN, 1);
	struct sip_tx_data *one;

	CHECK(slab != NULL);
	one = sip_tx_data_create(slab, 100);
	CHECK(one != NULL);
	CHECK(sip_tx_data_create(slab, 100) == NULL);

	sip_tx_data_unref(&one);
	sip_slab_destroy(&slab);
}
