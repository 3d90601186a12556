/**
 * An application whose rows have files in an object store: the example of the
 * documentation, and what happens when it is killed in the middle.
 */
@NullMarked
package io.github.deletionpolicy.attachments;

import org.jspecify.annotations.NullMarked;
