// What all of the API shares.

export type Value = number | boolean | string;

export type Role = "administrator" | "group_administrator" | "operator" | "viewer";
export type Need = "see" | "operate" | "manage" | "administer";
export type Scope = "read" | "operate" | "manage";
export type Language = "en" | "es";

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface FieldProblem {
  pointer: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  errors?: FieldProblem[];
}
