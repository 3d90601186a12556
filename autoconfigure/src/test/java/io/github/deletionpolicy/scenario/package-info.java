/**
 * What a user sees, told as scenarios on a real PostgreSQL with the starter wired as in
 * an application: a room for each subject, and here what they share.
 */
@NullMarked
package io.github.deletionpolicy.scenario;

import org.jspecify.annotations.NullMarked;
