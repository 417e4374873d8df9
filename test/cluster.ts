import type { TestProject } from "vitest/node";
import { migratedTemplate } from "./database.ts";
import { startCluster } from "./fakes/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The server's address, with the right to make databases. */
    serverUrl: string;
    /** A database with all migrations, to be cloned. */
    template: string;
  }
}

/** One PostgreSQL for the whole run: TEST_DATABASE_URL where set, else Docker where an engine answers, else the embedded one. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startCluster(process.env);
  const template = await migratedTemplate(cluster.url);
  project.provide("serverUrl", cluster.url);
  project.provide("template", template.name);
  return async () => {
    await template.drop();
    await cluster.stop();
  };
}
