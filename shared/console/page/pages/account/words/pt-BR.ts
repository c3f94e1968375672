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
    title: "Entre novamente",
    text: "Sua sessão terminou. Entre para continuar: o que você digitou está salvo.",
    asBefore: "Você estava na conta de",
    another: "Entrar com outra conta",
    close: "Ver a página primeiro",
    closed: "Sua sessão terminou.",
    open: "Entrar novamente",
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
      "Abra o link da mensagem e escolha uma senha para criar a conta. O link vale uma única " +
      "vez, por um dia.",
    closedTitle: "O cadastro está fechado",
    closed:
      "É preciso um convite para este help desk. Peça-o a um administrador: ele chega por e-mail.",
  },
  forgot: {
    title: "Esqueceu a senha?",
    text: "Digite o e-mail da sua conta. Enviamos um link para você escolher outra senha.",
    button: "Enviar o link",
    back: "Voltar para o login",
    to: "Se houver uma conta, enviamos uma mensagem para",
    mailed:
      "Abra o link da mensagem e escolha outra senha. O link vale uma única vez, por dez minutos.",
  },
  sent: {
    title: "Verifique seu e-mail",
    none: "Não recebeu nada?",
    spam: "Procure também na pasta de spam.",
    registered:
      "A mensagem pode dizer que você já tem uma conta. Nesse caso, entre ou escolha outra " +
      "senha.",
    later: "Enviamos uma mensagem dessas por hora. Depois disso, você pode pedir novamente.",
    wrong: "O endereço está certo? Se estiver, espere alguns minutos: o e-mail pode demorar.",
    unknown: "Nada é enviado a um endereço que não tem conta.",
    another: "Usar outro endereço",
  },
  choose: {
    title: "Escolher uma senha",
    text: "Você passa a entrar com ela. Se já tinha uma, todos os dispositivos saem da conta.",
    button: "Definir a senha",
    invalidTitle: "Este link não vale mais",
    invalid: "Um link vale uma única vez e por pouco tempo. Use o da mensagem mais recente.",
    missingTitle: "Abra o link do seu e-mail",
    missing:
      "Para sua segurança, esta página não guarda o link. Se você a recarregou, abra novamente o " +
      "link da mensagem.",
    invited: "Recebeu um convite? Peça outro a um administrador.",
    newLink: "Enviar um novo link",
    register: "Cadastrar-se novamente",
    doneTitle: "Sua senha foi definida",
    done: "Agora entre com o seu e-mail e a nova senha.",
  },
};
