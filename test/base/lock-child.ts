/** Tries for each folder it is told of, and answers whether it got it. */
import { lockFolder } from '../../src/base/lock.js';

process.on('message', (folder: string) => {
  void lockFolder(folder).then(
    () => process.send!(true),
    () => process.send!(false),
  );
});
process.send!('ready');
