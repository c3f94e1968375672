import { inBoth } from "../../words/language.svelte";

const en = {
  title: (number: number) => `History of #${number}`,
  back: "Back to the ticket",
  subtitle: "Everything that happened to the ticket except comments, oldest first.",
  entry: (seq: number) => `Entry ${seq}`,
  hash: "Hash",
  copyHash: "Copy the hash",
  status: "Status",
  description: "Description",
  none: "none",
  before: "before",
  after: "after",
  reason: "Reason",
  empty: "Nothing has happened yet.",
  verify: {
    title: "Has the history been altered?",
    text:
      "Each entry has a hash, calculated from its content and the hash of the entry before it. " +
      "Altering an entry later would change every hash after it.",
    start: "Verify",
    again: "Verify again",
    progress: (entries: number) => `Checked ${entries} entries so far…`,
    intact: "The history is intact",
    intactText: (entries: number) =>
      entries === 1
        ? "The only entry and the ticket itself are as they were written."
        : `All ${entries} entries, comments included, and the ticket itself are as they were ` +
          "written. Nothing was altered, removed or inserted.",
    broken: "The history was altered",
    brokenAt: (seq: number) =>
      `Entry ${seq} is not as it was written, or is missing. The entries before it are intact. ` +
      "Tell an admin.",
    brokenTicket:
      "All entries are as they were written, but the ticket itself is not. " +
      "Tell an admin.",
    last: "Hash of the last entry",
  },
};

const ptBR: typeof en = {
  title: (number) => `Histórico de #${number}`,
  back: "Voltar ao chamado",
  subtitle: "Tudo o que aconteceu com o chamado, exceto as respostas, do mais antigo ao mais novo.",
  entry: (seq) => `Registro ${seq}`,
  hash: "Hash",
  copyHash: "Copiar o hash",
  status: "Status",
  description: "Descrição",
  none: "nenhum",
  before: "antes",
  after: "depois",
  reason: "Motivo",
  empty: "Ainda não aconteceu nada.",
  verify: {
    title: "O histórico foi alterado?",
    text:
      "Cada registro tem um hash, calculado a partir do seu conteúdo e do hash do registro " +
      "anterior. Alterar um registro depois mudaria todos os hashes seguintes.",
    start: "Verificar",
    again: "Verificar novamente",
    progress: (entries) => `${entries} registros verificados até agora…`,
    intact: "O histórico está íntegro",
    intactText: (entries) =>
      entries === 1
        ? "O único registro e o próprio chamado estão como foram escritos."
        : `Todos os ${entries} registros, inclusive as respostas, e o próprio chamado estão ` +
          "como foram escritos. Nada foi alterado, removido ou inserido.",
    broken: "O histórico foi alterado",
    brokenAt: (seq) =>
      `O registro ${seq} não está como foi escrito ou está faltando. Os anteriores estão ` +
      "íntegros. Avise um administrador.",
    brokenTicket:
      "Todos os registros estão como foram escritos, mas o próprio chamado não. " +
      "Avise um administrador.",
    last: "Hash do último registro",
  },
};

/** The words of the history page. */
export const words = inBoth(en, ptBR);
