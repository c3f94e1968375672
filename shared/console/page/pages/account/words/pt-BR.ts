import type { AccountWords } from "./en";

export const ptBR: AccountWords = {
  language: "Idioma",
  theme: "Tema",
  themes: { system: "Sistema", light: "Claro", dark: "Escuro" },
  email: "Endereço de e-mail",
  password: "Senha",
  newPassword: "Nova senha",
  name: "Seu nome",
  showPassword: "Mostrar",
  hidePassword: "Ocultar",
  showPasswordLabel: "Mostrar a senha",
  hidePasswordLabel: "Ocultar a senha",
  passwordRule: "Pelo menos 12 caracteres. Algumas palavras em sequência são fáceis de lembrar.",
  tooShort: (least) => `Use pelo menos ${least} caracteres.`,
  signIn: {
    title: "Entrar",
    button: "Entrar",
    forgotten: "Esqueceu a senha?",
    noAccount: "Ainda não tem conta?",
    register: "Crie uma",
  },
  again: {
    title: "Entre de novo",
    text: "Sua sessão terminou. O que você digitou está guardado: entre e continue de onde parou.",
    asBefore: "Você estava na conta de",
    another: "Entrar com outra conta",
    close: "Ver a página antes",
    closed: "Sua sessão terminou.",
    open: "Entrar de novo",
  },
  register: {
    title: "Criar uma conta",
    text: "Enviamos por e-mail um link para você escolher uma senha.",
    nameHint: "Os outros o veem nos seus chamados.",
    button: "Enviar o link",
    hasAccount: "Já tem uma conta?",
    signIn: "Entre",
    to: "Enviamos uma mensagem para",
    mailed:
      "Abra o link dela e escolha uma senha: isso cria a sua conta. Ele vale uma única vez, por " +
      "um dia.",
    closedTitle: "O cadastro está fechado",
    closed:
      "Neste help desk, a administração convida as pessoas. Peça um convite: ele chega por " +
      "e-mail.",
  },
  forgot: {
    title: "Esqueceu a senha?",
    text: "Digite o e-mail da sua conta. Enviamos um link para você escolher outra senha.",
    button: "Enviar o link",
    back: "Voltar para a entrada",
    to: "Se houver uma conta, enviamos uma mensagem para",
    mailed: "Abra o link dela e escolha outra senha. Ele vale uma única vez, por dez minutos.",
  },
  sent: {
    title: "Verifique seu e-mail",
    none: "Não recebeu nada?",
    spam: "Procure também na pasta de spam.",
    registered:
      "A mensagem pode dizer que você já tem uma conta. Nesse caso, entre ou escolha outra " +
      "senha.",
    later: "Enviamos uma mensagem dessas por hora. Depois disso, peça de novo.",
    wrong: "O endereço está certo? Se estiver, espere alguns minutos: o e-mail pode demorar.",
    unknown: "Nada é enviado a um endereço que não tem conta.",
    another: "Usar outro endereço",
  },
  choose: {
    title: "Escolher uma senha",
    text: "Você passa a entrar com ela. Se tinha outra, todos os dispositivos saem da conta.",
    button: "Definir a senha",
    invalidTitle: "Este link não vale mais",
    invalid:
      "Um link vale uma única vez e por pouco tempo. O da mensagem mais recente é o que " +
      "funciona.",
    missingTitle: "Abra o link do e-mail",
    missing:
      "Para sua segurança, esta página não guarda o link. Se você a recarregou, abra de novo o " +
      "link da mensagem.",
    invited: "Recebeu um convite? Peça outro à administração.",
    newLink: "Enviar um novo link",
    register: "Cadastrar-se de novo",
    doneTitle: "Sua senha foi definida",
    done: "Agora entre com o seu e-mail e a nova senha.",
  },
};
