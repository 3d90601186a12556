/**
 * Puts the purge on the application's Quartz scheduler, or leaves it to other nodes.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.quartz;

import org.jspecify.annotations.NullMarked;
