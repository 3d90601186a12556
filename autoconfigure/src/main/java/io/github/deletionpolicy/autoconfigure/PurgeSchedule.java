package io.github.deletionpolicy.autoconfigure;

/**
 * Marks what makes this node purge by itself.
 */
interface PurgeSchedule {

}
