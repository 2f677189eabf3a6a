// Everything the console's pages load stands in ../src/qingdun/console/static/built:
//   app.css         styles/app.css and what it imports
//   app.js          what every page needs
//   live-worker.js  the one event stream of a browser
//   visit-worker.js the phone page without a line; served at /m/worker.js
//   pages/NAME.js   one bundle for each src/pages/NAME.ts; what several share is in chunks/
//   icons.svg       one symbol for each icons/NAME.svg
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, context } from "esbuild";

const out = "../src/qingdun/console/static/built";
const here = import.meta.dirname;
process.chdir(here);

const pages = (await readdir("src/pages")).filter((name) => name.endsWith(".ts")).map((name) => `src/pages/${name}`);
const shared = { bundle: true, minify: true, sourcemap: true, target: "es2023", logLevel: "warning" };
const modules = {
  ...shared,
  entryPoints: ["src/app.ts", ...pages],
  outdir: out,
  outbase: "src",
  format: "esm",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
};
const worker = { ...shared, entryPoints: ["src/live-worker.ts", "src/visit-worker.ts"], outdir: out, format: "iife" };
const styles = { ...shared, entryPoints: ["styles/app.css"], outdir: out };

async function icons() {
  const symbols = [];
  for (const file of (await readdir("icons")).filter((name) => name.endsWith(".svg")).sort()) {
    const text = await readFile(join("icons", file), "utf8");
    const inner = text.slice(text.indexOf(">") + 1, text.lastIndexOf("</svg>")).trim();
    symbols.push(
      `<symbol id="${basename(file, ".svg")}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
        `stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`,
    );
  }
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
}

if (process.argv.includes("--watch")) {
  await mkdir(out, { recursive: true });
  await icons();
  for (const one of [modules, worker, styles]) await (await context(one)).watch();
} else {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await Promise.all([build(modules), build(worker), build(styles), icons()]);
}
