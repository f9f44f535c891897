// The first half of Handlebars' compiler, which throws for what can not be compiled. The second half only writes code, and that is
// most of the time; it finds no more faults.
import type Handlebars from "handlebars";

/** Handlebars exports it and leaves it out of its types. */
interface WithCompiler {
  readonly Compiler: new () => { compile(program: hbs.AST.Program, options: CompileOptions): unknown };
}

export function dryCompile(instance: typeof Handlebars, program: hbs.AST.Program, options: CompileOptions): void {
  const { Compiler } = instance as unknown as WithCompiler;
  // `parse` takes a tree as well, and trims the white space that compiling counts on.
  const trimmed = instance.parse(program as unknown as string);
  new Compiler().compile(trimmed, { ...options });
}
