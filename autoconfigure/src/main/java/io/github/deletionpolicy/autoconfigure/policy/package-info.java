/**
 * What an application declares, in properties, as beans or on classes, read into
 * policies, with messages that say where a mistake was written.
 */
@NullMarked
package io.github.deletionpolicy.autoconfigure.policy;

import org.jspecify.annotations.NullMarked;
