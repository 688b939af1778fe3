/// <reference types="vitest/config" />
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// The backend a development server speaks to: `python main.py --browser` prints its address.
const backend = process.env.DB_TOOLKIT_BACKEND ?? 'http://127.0.0.1:8765';
// The backend checks Host and Origin, so the proxy must look like the backend's own page.
const proxy = { target: backend, changeOrigin: true, headers: { origin: backend } };

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  build: {
    outDir: 'dist',
    target: ['chrome108', 'safari16', 'firefox115'],
    chunkSizeWarningLimit: 4000,
  },
  worker: { format: 'es' },
  server: { port: 5173, proxy: { '/rpc': proxy, '/events': proxy } },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    css: false,
    restoreMocks: true,
    testTimeout: 60_000,
  },
});
