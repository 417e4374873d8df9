import { defineCommand } from "../command.ts";
import { counted } from "../text.ts";

export const migrate = defineCommand({
  name: "migrate",
  summary: "bring the database up to this version; safe while others do the same, and again",
  options: () => {},
  examples: [
    ["migrate", "before the first start, or as the release command of a deployment"],
    ["migrate --json", "the names of the files that were applied"],
  ],
  async run({ io, sql, config }) {
    // A plain question first: it says at once where the database does not answer.
    await sql`select 1`;
    const applied = await io.migrate(config);
    if (applied.length === 0) return { text: "The database is up to date already.", json: { applied } };
    const done = `The database is up to date: ${counted(applied.length, "migration was", "migrations were")} applied.`;
    return { text: [done, ...applied.map((name) => `  ${name}`)].join("\n"), json: { applied } };
  },
});
