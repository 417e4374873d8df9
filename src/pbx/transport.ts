/** How the runtime trusts the PBX. */
export interface TransportOptions {
  /** Trusted beside the system's authorities. */
  caPem?: string | undefined;
  /** No certificate is checked at all. */
  tlsInsecure: boolean;
  connectMs: number;
}

/** `fetch` with the PBX's own TLS settings, and connections of its own. */
export interface Transport {
  fetch: typeof fetch;
  close(): Promise<void>;
}

/** The part of Deno that we use; its fetch knows no dispatcher, and takes a client instead. */
interface DenoHttp {
  createHttpClient(options: { caCerts?: string[] }): { close(): void };
}

/** A bundle holds several. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const deno = (globalThis as { Deno?: DenoHttp }).Deno;

export function createTransport(options: TransportOptions): Transport {
  if (!deno) return nodeTransport(options);
  return options.tlsInsecure ? undiciTransport(options) : denoTransport(deno, options);
}

/** Node's fetch takes the dispatchers of undici 7 (of no other version). */
function nodeTransport(options: TransportOptions): Transport {
  const agent = createAgent(options);
  return {
    fetch: async (input, init) => fetch(input, { ...init, dispatcher: await agent } as RequestInit),
    close: async () => (await agent).destroy(),
  };
}

function denoTransport({ createHttpClient }: DenoHttp, { caPem }: TransportOptions): Transport {
  const client = createHttpClient({ caCerts: caPem?.match(CERTIFICATE) ?? [] });
  return {
    fetch: (input, init) => fetch(input, { ...init, client } as RequestInit),
    close: async () => client.close(),
  };
}

/** Deno's own client cannot skip the check of certificates: there undici brings its own fetch too. */
function undiciTransport(options: TransportOptions): Transport {
  const agent = createAgent(options);
  return {
    async fetch(input, init) {
      const undici = await import("undici");
      const { url, headers, signal } = new Request(input, init);
      const dispatcher = await agent;
      const response = await undici.fetch(url, { headers: [...headers], signal, dispatcher, redirect: "manual" });
      return response as unknown as Response;
    },
    close: async () => (await agent).destroy(),
  };
}

/** Loaded when needed: Deno does without. The watch on progress is ours (body.ts), so undici's own is off. */
async function createAgent({ caPem, tlsInsecure, connectMs }: TransportOptions) {
  const [{ Agent }, { getCACertificates }] = await Promise.all([import("undici"), import("node:tls")]);
  return new Agent({
    connect: {
      timeout: connectMs,
      rejectUnauthorized: !tlsInsecure,
      ...(caPem && { ca: [...getCACertificates("default"), caPem] }),
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
