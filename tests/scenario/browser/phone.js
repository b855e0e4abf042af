// SPDX-License-Identifier: BSD-2-Clause
// A phone in a page: what it is told to do, and what happens to it, which goes to `say` (drive.js).
"use strict";

const WITH = { mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: [] } };

let phone;
let call;

function follow(session) {
	const peer = () => session.remote_identity.uri.user;

	call = session;
	session.on("progress", (event) => {
		if (event.originator === "remote")
			say(`rings at ${peer()}`);
	});
	session.on("confirmed", () => say(`talks with ${peer()}`));
	session.on("ended", (event) => say(`hung up by ${event.originator} ${event.cause}`));
	session.on("failed", (event) =>
		say(`failed ${event.message?.status_code ?? "-"} ${event.cause}`));
}

window.commands = {
	register({ server, uri, password }) {
		const socket = new JsSIP.WebSocketInterface(server);

		phone = new JsSIP.UA({ sockets: [socket], uri, password, register_expires: 300 });
		phone.on("disconnected", (event) => say(`disconnected ${event.code} ${event.reason}`));
		phone.on("registered", () => say("registered"));
		phone.on("unregistered", () => say("unregistered"));
		phone.on("registrationFailed", (event) =>
			say(`not registered ${event.response?.status_code ?? "-"} ${event.cause}`));
		phone.on("newRTCSession", ({ originator, session }) => {
			follow(session);
			if (originator === "remote")
				say(`called by ${session.remote_identity.uri.user}`);
		});
		phone.on("newMessage", ({ originator, message, request }) => {
			if (originator === "remote")
				say(`message from ${message.remote_identity.uri.user}: ${request.body}`);
		});
		phone.start();
	},
	call({ target }) {
		phone.call(target, WITH);
	},
	answer() {
		call.answer(WITH);
	},
	hang_up() {
		call.terminate();
	},
	message({ target, text }) {
		phone.sendMessage(target, text, {
			eventHandlers: {
				succeeded: () => say("message arrived"),
				failed: (event) => say(`message failed ${event.response?.status_code ?? "-"}`),
			},
		});
	},
	open({ server, protocols }) {
		const socket = new WebSocket(server, protocols);

		socket.onopen = () => say(`open ${socket.protocol}`);
		socket.onclose = (event) => say(`closed ${event.code} ${event.reason}`);
		window.socket = socket;
	},
	send({ text }) {
		window.socket.send(text);
	},
	unregister() {
		phone.unregister();
	},
};
