// Bundles the dashboard: node build.mjs [OUT] [--watch] [--size]. The shell comes first, each page when it is opened.
import { build, context } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Bytes of script, gzipped, in all pages together at most. */
const MOST_SCRIPT = 150 * 1024;

const args = process.argv.slice(2);
const has = (flag) => args.includes(flag);
const out = resolve(args.find((arg) => !arg.startsWith("--")) ?? join(HERE, "dist"));

const options = {
  absWorkingDir: HERE,
  entryPoints: { app: "src/main.tsx", theme: "src/first.ts", style: "src/style/index.css" },
  outdir: join(out, "assets"),
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/** The texts of each language as JSON: only one of them is loaded, and none of them is script. */
async function writeWords() {
  const named = {};
  for (const [key, file] of [["words_en", "index"], ["words_es", "spanish"]]) {
    const { outputFiles } = await build({
      absWorkingDir: HERE, entryPoints: [`src/lang/${file}.ts`], bundle: true, format: "esm", write: false, charset: "utf8", logLevel: "warning",
    });
    const { words } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
    const text = JSON.stringify(words);
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
    named[key] = `assets/${key.replace("_", "-")}-${hash}.json`;
    await writeFile(join(out, named[key]), text);
  }
  return named;
}

/** index.html with the names that the hashes gave. */
async function writePage(metafile) {
  const named = await writeWords();
  let first = [];
  for (const [file, output] of Object.entries(metafile.outputs)) {
    const name = relative(out, resolve(HERE, file)).replaceAll("\\", "/");
    if (output.entryPoint === "src/main.tsx") {
      named.app = name;
      first = output.imports.filter((i) => i.kind === "import-statement").map((i) => `assets/${basename(i.path)}`);
    } else if (output.entryPoint === "src/first.ts") named.theme = name;
    else if (output.entryPoint === "src/style/index.css") named.style = name;
  }
  const preload = first.map((name) => `<link rel="modulepreload" href="${name}">`).join("\n");
  const page = (await readFile(join(HERE, "index.html"), "utf8"))
    .replace("%PRELOAD%", preload)
    .replace(/%(\w+)%/g, (whole, name) => named[name.toLowerCase()] ?? whole);
  await writeFile(join(out, "index.html"), page);
}

/** Each file once more, compressed: the hub serves these as they are. */
async function compress() {
  const folder = join(out, "assets");
  const files = [join(out, "index.html"), ...(await readdir(folder)).map((name) => join(folder, name))];
  let script = 0;
  for (const file of files.filter((name) => /\.(html|js|css|json)$/.test(name))) {
    const packed = gzipSync(await readFile(file), { level: 9 });
    await writeFile(`${file}.gz`, packed);
    if (file.endsWith(".js")) script += packed.length;
  }
  return script;
}

async function finish(metafile) {
  await writePage(metafile);
  return compress();
}

async function texts() {
  const folders = ["src/lang/en", "src/lang/es"].map((folder) => join(HERE, folder));
  return (await Promise.all(folders.map(async (folder) => (await readdir(folder)).map((name) => join(folder, name))))).flat();
}

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });

if (has("--watch")) {
  const every = {
    name: "finish",
    setup(b) {
      b.onEnd(async (result) => { if (result.metafile) await finish(result.metafile); });
      // The texts are in no module: without this nobody would watch them.
      b.onLoad({ filter: /[\\/]lib[\\/]words\.ts$/ }, async ({ path }) => ({ contents: await readFile(path, "utf8"), loader: "ts", watchFiles: await texts() }));
    },
  };
  await (await context({ ...options, plugins: [every] })).watch();
} else {
  const { metafile } = await build(options);
  const script = await finish(metafile);
  if (has("--size")) {
    const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
    for (const name of (await readdir(join(out, "assets"))).filter((name) => name.endsWith(".gz"))) {
      console.log(`${kib((await readFile(join(out, "assets", name))).length).padStart(10)}  ${name}`);
    }
    console.log(`${kib(script).padStart(10)}  script in all, gzipped (at most ${kib(MOST_SCRIPT)})`);
    if (script > MOST_SCRIPT) process.exit(1);
  }
}
