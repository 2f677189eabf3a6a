// An operator for the tests: a real SMPP 3.4 server of another make. `node smsc.mjs FOLDER_WITH_NODE_MODULES`.
//
// It listens on a free port of this machine and writes one JSON line for each thing that happens. Lines on its
// input change how it behaves: {"refuse": ["ESME_RTHROTTLED", …]} answers the next submits so, in this order;
// {"hold": true} answers none; {"drop": true} breaks the line at the next submit before answering;
// {"receipts": "none"|"after"|"before"|"reversed"} says when receipts come: after each answer, before it, or, once
// {"flush": true} comes, all in reversed order; {"stat": "UNDELIV"} what they say; {"reply": {from, text}} sends a text.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join, resolve } from "node:path";

const smpp = createRequire(join(resolve(process.argv[2]), "noop.js"))("smpp");
const state = { refuse: [], hold: false, drop: false, receipts: "none", stat: "DELIVRD", owed: [] };
const sessions = new Set();
const joined = new Map();
let taken = 0;

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

/** The text of a message once all its parts are there, joined as a phone joins them. */
function join_parts(pdu) {
  const text = pdu.short_message.message;
  if (!(pdu.esm_class & 0x40)) return { text, total: 1, number: 1 };
  // node-smpp hands the header over as information elements: id, length, reference, total, number.
  const [, , reference, total, number] = pdu.short_message.udh[0];
  const key = `${pdu.destination_addr}/${reference}/${total}`;
  const parts = joined.get(key) ?? new Map();
  parts.set(number, text);
  joined.set(key, parts);
  const whole = parts.size === total ? [...parts].sort((a, b) => a[0] - b[0]).map((part) => part[1]).join("") : null;
  if (whole !== null) joined.delete(key);
  return { text: whole, total, number };
}

function receipt(session, id, pdu, stat = state.stat) {
  session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:260303020000 done date:260303020001 stat:${stat} err:0A1 text:`,
  }, () => say({ event: "receipt", id }));
}

const server = smpp.createServer((session) => {
  sessions.add(session);
  session.on("error", () => session.destroy());
  session.on("close", () => sessions.delete(session));
  session.on("bind_transceiver", (pdu) => {
    const ok = pdu.password === "secret";
    say({ event: "bind", ok });
    session.send(pdu.response({ command_status: ok ? smpp.ESME_ROK : smpp.ESME_RBINDFAIL, system_id: "smsc" }));
  });
  session.on("enquire_link", (pdu) => session.send(pdu.response()));
  session.on("unbind", (pdu) => {
    say({ event: "unbind" });
    session.send(pdu.response());
    session.close();
  });
  session.on("submit_multi", (pdu) => {
    say({ event: "many", to: pdu.dest_address.map((one) => one.destination_addr), text: pdu.short_message.message });
    session.send(pdu.response({ message_id: `op${++taken}`, unsuccess_sme: [] }));
  });
  session.on("replace_sm", (pdu) => {
    say({ event: "replace", id: pdu.message_id, octets: Buffer.from(pdu.short_message.message ?? pdu.short_message).toString() });
    session.send(pdu.response());
  });
  session.on("submit_sm", (pdu) => {
    const refusal = state.refuse.shift();
    if (refusal) {
      say({ event: "refused", with: refusal, to: pdu.destination_addr });
      session.send(pdu.response({ command_status: smpp[refusal] ?? Number(refusal) }));
      return;
    }
    const part = { units: Buffer.from(String(pdu.short_message.message), "utf16le").length / 2, ...join_parts(pdu) };
    const id = `op${++taken}`;
    say({ event: "submit", id, to: pdu.destination_addr, from: pdu.source_addr, coding: pdu.data_coding, receipt: pdu.registered_delivery, ...part });
    if (state.drop) {
      state.drop = false;
      session.destroy();
      return;
    }
    if (state.hold) return;
    if (state.receipts === "before") receipt(session, id, pdu);
    session.send(pdu.response({ message_id: id }), () => {
      if (state.receipts === "after") receipt(session, id, pdu);
    });
    if (state.receipts === "reversed") state.owed.unshift([session, id, pdu]);
  });
});

createInterface({ input: process.stdin }).on("line", (line) => {
  const { flush, reply, ...change } = JSON.parse(line);
  Object.assign(state, change);
  if (flush) for (const [session, id, pdu] of state.owed.splice(0)) {
    receipt(session, id, pdu, "ENROUTE");
    receipt(session, id, pdu);
    receipt(session, id, pdu);
    receipt(session, id, pdu, "ACCEPTD");
  }
  if (reply) for (const session of sessions) session.deliver_sm({
    source_addr: reply.from, source_addr_ton: 1, destination_addr: "1069", short_message: reply.text, data_coding: 8,
  }, () => say({ event: "replied" }));
  say({ event: "changed" });
}).on("close", () => process.exit(0));
server.listen(0, "127.0.0.1", () => say({ event: "listening", port: server.address().port }));
