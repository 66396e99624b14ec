import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The element: one file of a fixed name, which finds the others beside itself, on whatever page it is. */
export default defineConfig({
  base: './',
  plugins: [react(), sheetsInShadowRoots()],
  css: { postcss: { plugins: [ownSizes()] } },
  build: {
    outDir: 'dist',
    assetsInlineLimit: 0,
    target: 'es2023',
    // A library, since the parts of a page would put their stylesheets and what loads them into the document.
    lib: { entry: 'src/embed/embed.ts', formats: ['es'], fileName: () => 'embed.js' },
    rolldownOptions: { output: { chunkFileNames: 'assets/embed-[name]-[hash].js', minify: true } },
  },
  // Which a library would leave to whoever bundles it.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
})

/** What a component imports as a stylesheet is handed to the shadow roots; a document of others is not styled by us. */
function sheetsInShadowRoots(): Plugin {
  const mark = '\0sheet:'
  return {
    name: 'sheets-in-shadow-roots',
    enforce: 'pre',
    async resolveId(name, importer) {
      if (!name.endsWith('.css') || importer === undefined || importer.startsWith(mark)) return undefined
      const found = await this.resolve(name, importer, { skipSelf: true })
      // Not named as a stylesheet, or the build would take it for one.
      return found === null ? undefined : `${mark}${found.id}.js`
    },
    load(id) {
      if (!id.startsWith(mark)) return undefined
      const sheet = JSON.stringify(`${id.slice(mark.length, -'.js'.length)}?inline`)
      return `import css from ${sheet}\nimport { addSheet } from '/src/embed/sheets.ts'\naddSheet(css)`
    },
  }
}

/** The sizes that a host page gives its root are not meant for us: 1rem is 16 px, or what the page says it is for us. */
function ownSizes() {
  const rem = /(?<![\w.-])(-?\d*\.?\d+)rem\b/g
  return {
    postcssPlugin: 'own-sizes',
    Declaration(declaration: { value: string }) {
      declaration.value = declaration.value.replaceAll(rem, 'calc($1 * var(--chatelaine-size, 16px))')
    },
    AtRule(rule: { params: string }) {
      rule.params = rule.params.replaceAll(rem, (_, count: string) => `${Number(count) * 16}px`)
    },
  }
}
