// SPDX-License-Identifier: BSD-2-Clause
// Phones in pages of one headless Chromium, by lines of JSON:
//
//     node drive.js MODULES PORT
//     {"phone": "6001", "do": "register", "server": "ws://...", "uri": "sip:...", "password": "..."}
//
// MODULES is where jssip and playwright-core are; the pages are of http://localhost:PORT.  Each phone is
// a browser of its own to the others: nothing is shared.  What happens is printed as `PHONE WHAT`.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const readline = require("readline");

const bundle = require("./bundle.js");

const [modules, port] = process.argv.slice(2);
const packages = path.join(modules, "node_modules");
const { chromium } = require(path.join(packages, "playwright-core"));

const PAGE = "<!DOCTYPE html><title>phone</title><script src=jssip.js></script><script src=phone.js></script>";

function serve_page() {
	const scripts = {
		"/jssip.js": bundle("JsSIP", path.join(packages, "jssip/lib-es5/JsSIP.js"),
			{ debug: path.join(packages, "debug/src/browser.js"),
				events: path.join(packages, "events/events.js") }),
		"/phone.js": fs.readFileSync(path.join(__dirname, "phone.js")),
	};
	const server = http.createServer((request, response) => {
		const script = scripts[request.url];

		response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
		response.end(script ?? PAGE);
	});

	return new Promise((resolve) => server.listen(port, "localhost", resolve));
}

async function open_phone(browser, name) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, permissions: ["microphone"] });
	const page = await context.newPage();

	page.on("pageerror", (error) => console.log(`${name} page error: ${error.message}`));
	await page.exposeFunction("say", (what) => console.log(`${name} ${what}`));
	await page.goto(`http://localhost:${port}/`);
	return page;
}

async function obey(browser, pages, order) {
	const name = order.phone;

	if (order.do === "close") {
		await pages[name].context().close();
		delete pages[name];
		console.log(`${name} is gone`);
		return;
	}
	pages[name] ??= await open_phone(browser, name);
	await pages[name].evaluate((one) => window.commands[one.do](one), order);
}

async function main() {
	await serve_page();
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--ignore-certificate-errors", "--use-fake-device-for-media-stream",
			"--use-fake-ui-for-media-stream"],
	});
	const pages = {};

	console.log("drive: ready");
	for await (const line of readline.createInterface({ input: process.stdin })) {
		const order = JSON.parse(line);

		try {
			await obey(browser, pages, order);
		} catch (error) {
			console.log(`${order.phone} can't ${order.do}: ${error.message}`);
		}
	}
	await browser.close();
	process.exit(0);
}

main().catch((error) => {
	console.log(`drive: ${error.stack}`);
	process.exit(1);
});
