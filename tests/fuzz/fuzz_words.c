/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of the control socket: its words, put together again, are the same words; and
 * what they ask for is found or refused with a sentence. */
#include "require.h"
#include "requests.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_request(const char *const *words, int count)
{
	char error[SYNTAX_ERROR_LEN] = "";
	struct arguments arguments;
	const struct request *request = request_read(words, count, &arguments, error);

	REQUIRE(request != NULL || error[0] != '\0');
	REQUIRE(memchr(error, '\0', sizeof(error)) != NULL);
	if (request == NULL)
		return;
	REQUIRE(arguments.count >= request->syntax->min_words &&
		arguments.count <= request->syntax->max_words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[MOST_WORDS];
	const char *again[MOST_WORDS];
	struct text text = { 0 };
	char *line = malloc(size + 1);
	int count;

	REQUIRE(line != NULL);
	for (size_t i = 0; i < size; i++)
		line[i] = (char)data[i];
	count = words_split(line, size, words, MOST_WORDS);
	REQUIRE(count >= 0 || count == SIP_EINVALID || count == SIP_ELIMIT);
	for (size_t i = 0; i < size && count >= 0; i++)
		REQUIRE(data[i] != '\0');
	for (int i = 0; i < count; i++)
		words_add(&text, words[i]);
	if (count > 0) {
		REQUIRE(memchr(text.ptr, '\n', text.len) == NULL);
		text_add(&text, (struct sip_str){ "", 1 });
		REQUIRE(words_split(text.ptr, text.len - 1, again, MOST_WORDS) == count);
		for (int i = 0; i < count; i++)
			REQUIRE(strcmp(words[i], again[i]) == 0);
		read_request(words, count);
	}
	text_fini(&text);
	free(line);
	return 0;
}
