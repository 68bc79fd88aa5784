import { Environment } from '@marcbachmann/cel-js';
import type { JsonObject } from '../core/json.ts';

/** What a condition can speak of. */
export interface Facts {
  readonly args: JsonObject;
  readonly user: {
    readonly name: string;
    readonly email: string;
    readonly roles: string[];
    readonly client: string;
  };
  readonly tool: string;
  readonly server: string;
}

/** A condition that was compiled. Undefined: it could not be evaluated, or is neither true nor false. */
export type Condition = (facts: Facts) => boolean | undefined;

/** Compiles an expression. @throws when it is not one of the language */
export type Conditions = (expression: string) => Condition;

/** The Common Expression Language: no loops without end, no way out of it. */
const language = new Environment()
  .registerVariable('args', 'map')
  .registerVariable('user', 'map')
  .registerVariable('tool', 'string')
  .registerVariable('server', 'string');

export const compileCondition: Conditions = (expression) => {
  const evaluate = language.parse(expression);
  return (facts) => {
    try {
      const value: unknown = evaluate({ ...facts });
      return typeof value === 'boolean' ? value : undefined;
    } catch {
      // An argument that is missing, or of another type than the condition thinks. Which one, is nobody's business.
      return undefined;
    }
  };
};
