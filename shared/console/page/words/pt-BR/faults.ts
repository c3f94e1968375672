/** The sentences in which the API says what is wrong with a field, and the same in Portuguese. */
const FAULTS: readonly [RegExp, string][] = [
  [/^is required$|^must not be blank$/, "Preencha este campo."],
  [/^must be at most (\d+) characters long, but is (\d+)$/, "Use no máximo $1 caracteres: são $2."],
  [/^must be at most (\d+) (?:characters|bytes) long$/, "Use no máximo $1 caracteres."],
  [/^must be (\d+) to (\d+) characters long, but is (\d+)$/, "Use de $1 a $2 caracteres: são $3."],
  [/^is too common: .*$/, "Esta senha é comum demais: escolha outra."],
  [/^is not your current password$/, "Esta não é a sua senha atual."],
  [/^must be an e-mail address such as (.+)$/, "Digite um endereço de e-mail como $1."],
  [
    /^must be an address of one of these domains: (.+)$/,
    "Use um endereço de um destes domínios: $1.",
  ],
  [/^must contain only ASCII characters.*$/, "Use somente letras sem acento no endereço."],
  [/^must end in a domain .*$/, "O endereço deve terminar em um domínio como example.org."],
  [/^must not contain spaces or control .*$/, "O endereço não pode ter espaços."],
  [/^must not contain the character (U\+\w+)$/, "O caractere $1 não é permitido aqui."],
  [/^must not contain a fragment.*$/, "O endereço não pode ter a parte depois de #."],
  [/^must not contain a user name or password.*$/, "O endereço não pode ter usuário nem senha."],
  [/^must start with (\S+)$/, "O endereço deve começar com $1."],
  [/^must be a URL such as (\S+): .*$/, "Digite um endereço como $1."],
  [/^must be an address on the public internet$/, "Use um endereço da internet pública."],
  [/^must be in the future$/, "Escolha uma data no futuro."],
  [/^must have at least one item$/, "Escolha pelo menos um item."],
  [/^must have at most (\d+) items, but has (\d+)$/, "Use no máximo $1 itens: são $2."],
  [/^repeats an earlier tag$/, "Esta etiqueta já está no chamado."],
  [/^must be the (?:id|address) of an active user$/, "Escolha uma pessoa com conta ativa."],
  [/^the limit of (\d+) .*$/, "O limite de $1 foi atingido: remova um antes."],
];

/** Says in Portuguese what is wrong with a field. */
export function faultInPortuguese(detail: string): string {
  const [pattern, words] = FAULTS.find(([pattern]) => pattern.test(detail)) ?? [];
  return pattern && words ? detail.replace(pattern, words) : "Este valor não é aceito.";
}
