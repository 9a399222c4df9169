// Loaded before the trial program where that is TypeScript: Node runs sources as they are, but looks for the `.js` that
// their imports name, as the compiler wants it, and not for the `.ts` that is there.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith('.') || !specifier.endsWith('.js')) throw error;
      return next(specifier.replace(/\.js$/, '.ts'), context);
    }
  },
});
