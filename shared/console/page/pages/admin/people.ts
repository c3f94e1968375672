import { answered, api, type Schemas } from "../../api/client";
import { given, PAGE } from "./query";

export type User = Schemas["User"];
export type Role = Schemas["Role"];
export type State = "active" | "invited" | "inactive";

export const ROLES: readonly Role[] = ["user", "technician", "admin"];

/** Says whether an account can be used, or will be. */
export function stateOf({ active, invited }: Pick<User, "active" | "invited">): State {
  if (active) return "active";
  return invited ? "invited" : "inactive";
}

/** Reads a page of the accounts with that role and that address. "" means any. */
export async function listPeople(filter: {
  role: Role | "";
  email: string;
  cursor: string;
}): Promise<Schemas["UserPage"]> {
  const query = { limit: PAGE, ...given(filter) } as { limit: number; role?: Role };
  return (await answered(api.GET("/v1/users", { params: { query } }))).data;
}

export async function readPerson(id: string): Promise<User> {
  return (await answered(api.GET("/v1/users/{id}", { params: { path: { id } } }))).data;
}

export async function changePerson(
  id: string,
  body: Schemas["UserPatch"],
): Promise<Schemas["ChangedUser"]> {
  const params = { path: { id } };
  return (await answered(api.PATCH("/v1/users/{id}", { params, body }))).data;
}

export async function inviteAgain(id: string): Promise<Schemas["InvitedUser"]> {
  const params = { path: { id } };
  return (await answered(api.POST("/v1/users/{id}/invitation", { params }))).data;
}

/** Returns the link of an invitation. Without one of the operator, it leads to this page. */
export function linkOf({ link, token }: Pick<Schemas["Invitation"], "link" | "token">): string {
  return link ?? `${location.origin}/app/password#token=${token}`;
}
