// Loaded by `node --import`: makes the packages that HIDDEN_PACKAGES names unresolvable, as if they were not installed.
import Module, { register } from 'node:module';

const hidden = (process.env.HIDDEN_PACKAGES ?? '').split(',');

const hooks = `
  const hidden = ${JSON.stringify(hidden)};
  export function resolve(specifier, context, next) {
    if (!hidden.includes(specifier)) return next(specifier, context);
    const error = new Error(\`Cannot find package '\${specifier}' imported from \${context.parentURL}\`);
    throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => {
  if (!hidden.includes(request)) return resolveFilename(request, ...rest);
  throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' });
};
