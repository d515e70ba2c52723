// A CDS Hooks service on Fastify with one plain rule: buttock pain on the problem list makes one card.
import Fastify from "fastify";

const app = Fastify({ bodyLimit: 32 * 1024 * 1024 });

app.get("/cds-services", async () => ({ services: [] }));

app.post("/cds-services/:id", async (request) => {
  const entries = request.body.prefetch?.conditions?.entry ?? [];
  const pain = entries.some((e) => e.resource.code?.coding?.some((c) => c.code === "279043006"));
  return { cards: pain ? [{ summary: "Buttock pain on file", indicator: "info", source: { label: "bench" } }] : [] };
});

await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
