// A sender of messages for the tests: a real SMPP 3.4 client of another make. `node esme.mjs FOLDER_WITH_NODE_MODULES`.
//
// Lines on its input tell it what to do: {"bind": {port, password, system_id, tls}}; {"submit": {…fields, text|hex, tag}} and the
// same of "data", "submit_multi" (with to: [numbers]) and "replace_sm"; {"load": {count, window, from, text}} sends so many, each with its number in its text; {"unbind": true}; {"enquire": true}.
// It writes one JSON line for each thing that happens.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { join, resolve } from "node:path";

const smpp = createRequire(join(resolve(process.argv[2]), "noop.js"))("smpp");
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
let session = null;

function bind({ port, password, system_id, tls }) {
  const mine = smpp.connect({ host: "127.0.0.1", port, tls, rejectUnauthorized: false });
  session = mine;
  let failed = false, bound = false;
  mine.on("error", () => { failed = true; mine.destroy(); });
  mine.on("close", () => say({ event: bound ? "closed" : "away", failed }));
  mine.on(tls ? "secureConnect" : "connect", () =>
    mine.bind_transceiver({ system_id, password }, (pdu) => {
      bound = pdu.command_status === 0;
      say({ event: "bound", status: pdu.command_status });
      if (!bound) mine.destroy();
    }));
  mine.on("enquire_link", (pdu) => mine.send(pdu.response()));
  for (const kind of ["deliver_sm", "data_sm"]) mine.on(kind, (pdu) => {
    say({ event: "delivered", kind, from: pdu.source_addr, to: pdu.destination_addr, text: pdu.short_message?.message ?? "", esm: pdu.esm_class });
    mine.send(pdu.response());
  });
}

function send(kind, { text, hex, tag, udh, payload, ...fields }) {
  const octets = hex === undefined ? text : Buffer.from(hex, "hex");
  const body = udh ? { udh: Buffer.from(udh, "hex"), message: octets } : octets;
  const full = payload ? { ...fields, message_payload: body } : { ...fields, short_message: body };
  session[kind](full, (pdu) => say({ event: "answer", tag, status: pdu.command_status, id: pdu.message_id ?? null, failed: pdu.unsuccess_sme, sequence: pdu.sequence_number }));
}

function load({ count, window, from, text }) {
  const mine = session, answers = {};
  let next = from, open = 0;
  const more = () => {
    while (open < window && next < from + count) {
      const number = next++;
      open++;
      mine.submit_sm({ source_addr: "106900001234", destination_addr: "8613800138000", short_message: `${text} ${number}` }, (pdu) => {
        open--;
        answers[number] = pdu.command_status;
        if (number % 100 === 0) say({ event: "loaded", number });
        if (open === 0 && next >= from + count) say({ event: "done", answers });
        else more();
      });
    }
  };
  mine.once("close", () => say({ event: "stopped", answers }));
  more();
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const told = JSON.parse(line);
  if (told.bind) bind(told.bind);
  if (told.submit) send("submit_sm", told.submit);
  if (told.data) send("data_sm", told.data);
  if (told.replace) send("replace_sm", told.replace);
  if (told.many) {
    const { to, ...rest } = told.many;
    send("submit_multi", { ...rest, dest_address: to.map((destination_addr) => ({ dest_addr_ton: 1, dest_addr_npi: 1, destination_addr })) });
  }
  if (told.load) load(told.load);
  if (told.enquire) session.enquire_link({}, (pdu) => say({ event: "alive", status: pdu.command_status }));
  if (told.unbind) session.unbind({}, (pdu) => { say({ event: "unbound", status: pdu.command_status }); session.close(); });
}).on("close", () => process.exit(0));
say({ event: "ready" });
