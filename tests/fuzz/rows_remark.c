/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoders of res_sip/remark.h. */
#include "decoded.h"

#include <time.h>

static int decode_info(struct sip_str text, struct decoded *d)
{
	struct sip_info info;

	if (sip_info_parse(text, &info) != 0)
		return SIP_ESYNTAX;
	keep(d, info.uri);
	keep(d, info.params);
	print(d, "<");
	print_str(d, info.uri);
	print(d, ">");
	print_behind(d, ";", info.params);
	return 0;
}

static void print_two(struct decoded *d, const char *before, int number)
{
	print(d, before);
	print_number(d, (uint64_t)number / 10);
	print_number(d, (uint64_t)number % 10);
}

/* By the calendar of the C library, which is not ours. */
static int decode_date(struct sip_str text, struct decoded *d)
{
	static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t unix_s;
	time_t seconds;
	struct tm tm;

	if (sip_date_parse(text, &unix_s) != 0)
		return SIP_ESYNTAX;
	seconds = (time_t)unix_s;
	REQUIRE(gmtime_r(&seconds, &tm) != NULL);
	keep_number(d, (uint64_t)unix_s);
	print(d, days[tm.tm_wday]);
	print_two(d, ", ", tm.tm_mday);
	print(d, " ");
	print(d, months[tm.tm_mon]);
	print_two(d, " ", (tm.tm_year + 1900) / 100);
	print_two(d, "", (tm.tm_year + 1900) % 100);
	print_two(d, " ", tm.tm_hour);
	print_two(d, ":", tm.tm_min);
	print_two(d, ":", tm.tm_sec);
	print(d, " GMT");
	/* But for the day of the week and the case it is what was read. */
	text = sip_str_trim(text);
	REQUIRE(d->print.len == text.len &&
		sip_str_equal_nocase((struct sip_str){ text.ptr + 3, text.len - 3 },
			(struct sip_str){ d->print.buf + 3, d->print.len - 3 }));
	return 0;
}

static int decode_retry_after(struct sip_str text, struct decoded *d)
{
	struct sip_retry_after retry;

	if (sip_retry_after_parse(text, &retry) != 0)
		return SIP_ESYNTAX;
	keep_number(d, retry.after_s);
	keep_number(d, retry.duration_s);
	keep(d, retry.comment);
	keep(d, retry.params);
	print_number(d, retry.after_s);
	if (retry.comment.ptr != NULL) {
		print(d, " (");
		print_str(d, retry.comment);
		print(d, ")");
	}
	print_behind(d, ";", retry.params);
	return 0;
}

static int decode_product(struct sip_str text, struct decoded *d)
{
	struct sip_str rest = text;
	struct sip_product product;
	int error = 0;

	while (d->slices + 3 <= DECODED_SLICES &&
		(error = sip_product_next(&rest, &product)) == 0) {
		REQUIRE((product.name.ptr == NULL) != (product.comment.ptr == NULL));
		print(d, d->slices == 0 ? "" : " ");
		keep(d, product.name);
		keep(d, product.version);
		keep(d, product.comment);
		print_str(d, product.name);
		print_behind(d, "/", product.version);
		if (product.comment.ptr == NULL)
			continue;
		print(d, "(");
		print_str(d, product.comment);
		print(d, ")");
	}
	return error == SIP_EMISSING && d->slices != 0 ? 0 : SIP_ESYNTAX;
}

/* What passes may be printed: no control character, whole characters only. */
static int decode_text(struct sip_str text, struct decoded *d)
{
	struct sip_str half = { text.ptr, text.len / 2 };
	struct sip_str other = { text.ptr + half.len, text.len - half.len };

	if (sip_text_check(text) != 0) {
		REQUIRE(sip_text_check(half) != 0 || sip_text_check(other) != 0);
		return SIP_ESYNTAX;
	}
	for (size_t i = 0; i < text.len; i++)
		REQUIRE((uint8_t)text.ptr[i] >= ' ' || text.ptr[i] == '\t');
	keep(d, text);
	print_str(d, text);
	return 0;
}

static int decode_timestamp(struct sip_str text, struct decoded *d)
{
	struct sip_timestamp stamp;

	if (sip_timestamp_parse(text, &stamp) != 0)
		return SIP_ESYNTAX;
	REQUIRE(stamp.stamp.len != 0);
	keep(d, stamp.stamp);
	keep(d, stamp.delay);
	keep_number(d, stamp.stamp_us);
	keep_number(d, stamp.delay_us);
	print_str(d, stamp.stamp);
	print_behind(d, " ", stamp.delay);
	return 0;
}

static int decode_warning(struct sip_str text, struct decoded *d)
{
	struct sip_warning warning;

	if (sip_warning_parse(text, &warning) != 0)
		return SIP_ESYNTAX;
	REQUIRE(warning.code <= 999);
	keep_number(d, warning.code);
	keep(d, warning.agent);
	keep(d, warning.text);
	print_number(d, warning.code / 100);
	print_two(d, "", warning.code % 100);
	print_behind(d, " ", warning.agent);
	print(d, " \"");
	print_str(d, warning.text);
	print(d, "\"");
	return 0;
}

const struct field_row rows_remark[] = {
	{ "info", decode_info, SIP_HDR_OTHER },
	{ "date", decode_date, SIP_HDR_DATE },
	{ "retry_after", decode_retry_after, SIP_HDR_RETRY_AFTER },
	{ "product", decode_product, SIP_HDR_USER_AGENT },
	{ "text", decode_text, SIP_HDR_SUBJECT },
	{ "timestamp", decode_timestamp, SIP_HDR_TIMESTAMP },
	{ "warning", decode_warning, SIP_HDR_WARNING },
	{ NULL, NULL, SIP_HDR_OTHER },
};
