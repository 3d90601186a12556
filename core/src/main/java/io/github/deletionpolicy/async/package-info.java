/**
 * Deletes that go on after the commit, batch by batch.
 */
@NullMarked
package io.github.deletionpolicy.async;

import org.jspecify.annotations.NullMarked;
