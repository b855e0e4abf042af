// SPDX-License-Identifier: BSD-2-Clause
// One script for a page out of a package of node's modules.
"use strict";

const fs = require("fs");
const path = require("path");

// The text of a script that sets `window[name]` to what `entry` exports; `instead` has the files
// that stand for packages in a browser.
module.exports = function bundle(name, entry, instead) {
	const numbers = new Map();
	const parts = [];

	function add(file) {
		if (numbers.has(file))
			return numbers.get(file);
		const number = numbers.size;
		const text = fs.readFileSync(file, "utf8");
		const links = {};

		numbers.set(file, number);
		if (file.endsWith(".json")) {
			parts.push(`${number}: [{}, (module) => { module.exports = ${text}; }]`);
			return number;
		}
		for (const [, wanted] of text.matchAll(/\brequire\(["']([^"']+)["']\)/g)) {
			const found = instead[wanted] ??
				require.resolve(wanted, { paths: [path.dirname(file)] });

			links[wanted] = add(found);
		}
		parts.push(`${number}: [${JSON.stringify(links)}, ` +
			`(module, exports, require) => {\n${text}\n}]`);
		return number;
	}

	const first = add(entry);

	return `window.${name} = (() => {
const parts = {\n${parts.join(",\n")}\n};
const made = {};
function load(number) {
	if (!made[number]) {
		const [links, run] = parts[number];
		const module = made[number] = { exports: {} };
		run.call(module.exports, module, module.exports, (wanted) => load(links[wanted]));
	}
	return made[number].exports;
}
return load(${first});
})();`;
};
