/** Trains 784-500-10 on noise for as many steps as asked, then says how much memory it took. */
import { tf } from "./tfjs.mjs";

const variable = (...shape) => tf.variable(tf.randomUniform(shape, -0.05, 0.05));
const [w1, b1, w2, b2] = [variable(784, 500), variable(500), variable(500, 10), variable(10)];
const optimizer = tf.train.sgd(0.1);
const labels = tf.oneHot(tf.randomUniform([100], 0, 10, "int32"), 10);

for (let i = 0; i < Number(process.argv[2]); i++) {
  const images = tf.randomUniform([100, 784]);
  const loss = optimizer.minimize(() => {
    const hidden = tf.relu(tf.add(tf.matMul(images, w1), b1));
    return tf.losses.softmaxCrossEntropy(labels, tf.add(tf.matMul(hidden, w2), b2));
  }, true);
  loss.dataSync();
  tf.dispose([loss, images]);
}
console.log(JSON.stringify({ peakKiB: process.resourceUsage().maxRSS }));
