/** wgsl_reflect publishes types for its CommonJS entry only, which cannot be imported from an ES module. */
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
