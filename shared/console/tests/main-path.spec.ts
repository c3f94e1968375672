// The main path: two people in two browsers, from the registration to the notification.

import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { mailedLink, newPerson, PASSWORD } from "./api";
import { expectAccessible, lookAgain, type Look, openWindow, windowOf } from "./browser";

/** What the two read and press, in each language. */
const WORDS = {
  en: {
    register: "Create one",
    name: "Your name",
    email: "E-mail address",
    sendLink: "Send me the link",
    newPassword: "New password",
    setPassword: "Set the password",
    isSet: "Your password is set",
    password: "Password",
    signIn: "Sign in",
    newTicket: "New ticket",
    title: "Title",
    description: "Description",
    open: "Open ticket",
    waiting: "Waiting for a technician to take it.",
    take: "Take",
    reply: "Reply",
    sendReply: "Send reply",
    resolve: "Resolve",
    howResolved: "How it was resolved",
    inbox: "Inbox",
    resolved: /resolved/,
    close: "Close",
    closeTicket: "Close ticket",
    closed: "Closed for good.",
  },
  "pt-BR": {
    register: "Crie uma",
    name: "Seu nome",
    email: "Endereço de e-mail",
    sendLink: "Enviar o link",
    newPassword: "Nova senha",
    setPassword: "Definir a senha",
    isSet: "Sua senha foi definida",
    password: "Senha",
    signIn: "Entrar",
    newTicket: "Novo chamado",
    title: "Título",
    description: "Descrição",
    open: "Abrir chamado",
    waiting: "Aguardando um técnico assumir o chamado.",
    take: "Assumir",
    reply: "Resposta",
    sendReply: "Enviar resposta",
    resolve: "Resolver",
    howResolved: "Como foi resolvido",
    inbox: "Caixa de entrada",
    resolved: /resolveu/,
    close: "Fechar",
    closeTicket: "Fechar chamado",
    closed: "Fechado em definitivo.",
  },
};

type Words = (typeof WORDS)["en"];

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const field = (page: Page, name: string) => page.getByLabel(name, { exact: true });
const message = (page: Page, text: string) => page.getByText(text, { exact: true });

/** Registers a new person and signs them in, with nothing but what the page says. */
async function register(page: Page, words: Words): Promise<void> {
  const email = `${crypto.randomUUID()}@example.com`;
  await page.goto("/");
  await page.getByRole("link", { name: words.register }).click();
  await field(page, words.name).fill("Rita Requester");
  await field(page, words.email).fill(email);
  await button(page, words.sendLink).click();
  await page.goto(await mailedLink(email));
  await field(page, words.newPassword).fill(PASSWORD);
  await button(page, words.setPassword).click();
  await page.getByRole("heading", { name: words.isSet }).waitFor();
  await button(page, words.signIn).or(page.getByRole("link", { name: words.signIn })).click();
  await field(page, words.email).fill(email);
  await field(page, words.password).fill(PASSWORD);
  await button(page, words.signIn).click();
}

/** Opens a ticket and returns its number. */
async function open(page: Page, words: Words, title: string): Promise<number> {
  await page.getByRole("link", { name: words.newTicket }).first().click();
  await field(page, words.title).fill(title);
  await field(page, words.description).fill("It takes the paper and stops.");
  await button(page, words.open).click();
  await page.waitForURL(/\/app\/tickets\/\d+$/);
  await message(page, words.waiting).waitFor();
  return Number(page.url().split("/").at(-1));
}

async function play(language: "en" | "pt-BR", look: Look): Promise<void> {
  const words = WORDS[language];
  const tina = await newPerson("Tina", "technician");
  const rita = await openWindow({ ...look, locale: language });
  const desk = await windowOf(tina, "/app/queue", { ...look, locale: language });
  const title = `The printer jams ${crypto.randomUUID().slice(0, 8)}`;

  await register(rita, words);
  const number = await open(rita, words, title);

  await desk.goto(`/app/tickets/${number}`);
  await button(desk, words.take).click();
  await desk.getByRole("textbox", { name: words.reply, exact: true }).fill("Which tray?");
  await button(desk, words.sendReply).click();
  await message(desk, "Which tray?").waitFor();
  await lookAgain(rita);
  await message(rita, "Which tray?").waitFor();

  await button(desk, words.resolve).click();
  await field(desk, words.howResolved).fill("The roller is new.");
  await desk.getByRole("dialog").getByRole("button", { name: words.resolve, exact: true }).click();
  await message(desk, "The roller is new.").first().waitFor();

  // The inbox keeps what it shows, so it is opened again until the notification is there.
  const sentence = rita.getByText(words.resolved).filter({ hasText: title }).first();
  const isInInbox = async () => {
    await rita.goto("/app/inbox");
    await rita.getByRole("link", { name: title }).first().waitFor();
    return sentence.isVisible();
  };
  await expect.poll(isInInbox, { timeout: 40_000 }).toBe(true);
  await expectAccessible(rita, "inbox");

  await rita.goto(`/app/tickets/${number}`);
  await button(rita, words.close).click();
  await button(rita, words.closeTicket).click();
  await rita.getByText(words.closed).first().waitFor();
}

test("a ticket from the registration to its end", () => play("en", {}), 120_000);

test("the same in Portuguese on a phone", () => play("pt-BR", { width: 360, height: 740 }), 120_000);
