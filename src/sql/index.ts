export { answer } from './agent.js';
export { validate } from './validator/validate.js';
